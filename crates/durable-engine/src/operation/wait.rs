//! A wait: suspends the execution until the service reports that the time has passed.

use durable_types::{Operation, OperationUpdate, Timestamp};

use super::ended::ended;
use super::remote::Remote;
use crate::fatal::Fatal;
use crate::settled::Settled;

#[derive(Debug)]
pub(crate) struct Wait {
    pub(crate) seconds: u64,
}

impl Remote for Wait {
    fn start(&mut self) -> OperationUpdate {
        OperationUpdate::start_wait(String::new(), self.seconds)
    }

    fn ended(&self, recorded: &mut Operation) -> Result<Option<Settled>, Fatal> {
        ended(recorded, || None, || None)
    }

    fn due(recorded: &Operation) -> Option<Timestamp> {
        recorded.wait_details()?.scheduled_end_timestamp
    }
}
