//! An invocation of another function, which the service runs and whose result it delivers.

use durable_types::{ChainedInvokeOptions, Operation, OperationUpdate};

use super::ended::ended;
use super::remote::Remote;
use crate::fatal::Fatal;
use crate::settled::Settled;

#[derive(Debug)]
pub(crate) struct Invoke {
    pub(crate) options: ChainedInvokeOptions,
    /// The payload, once it is known; sent once.
    pub(crate) input: Option<String>,
}

impl Remote for Invoke {
    fn is_ready(&self) -> bool {
        self.input.is_some()
    }

    fn start(&mut self) -> OperationUpdate {
        let mut update = OperationUpdate::start_invoke(String::new(), "", self.input.take());
        update.chained_invoke_options = Some(self.options.clone());
        update
    }

    fn ended(&self, recorded: &mut Operation) -> Result<Option<Settled>, Fatal> {
        let details = recorded.take_chained_invoke_details();
        ended(recorded, || details.result, || details.error)
    }
}
