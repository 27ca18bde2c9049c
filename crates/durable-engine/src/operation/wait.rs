//! A wait: suspends the execution until the service says that time has passed.

use durable_types::{Operation, OperationUpdate};

use super::remote::Remote;
use super::{Settled, ended};
use crate::Fatal;

#[derive(Debug)]
pub(crate) struct Wait {
    pub(crate) seconds: u64,
}

impl Remote for Wait {
    fn start(&mut self, id: String) -> OperationUpdate {
        OperationUpdate::start_wait(id, self.seconds)
    }

    fn ended(&self, recorded: Operation) -> Result<Option<Settled>, Fatal> {
        ended(&recorded, || None, || None)
    }
}
