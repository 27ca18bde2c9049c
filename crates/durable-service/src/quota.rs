//! What an execution may use up in all its life, and how much of that it has.

use std::fmt;

use durable_types::ErrorObject;

use crate::execution::Execution;
use crate::operation::ExecutionEnd;
use crate::settings::Settings;

/// Something of which an execution has only so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// Its operations: [`Settings::max_operations`].
    Operations,
    /// The bytes of its data, everything that was written added up: [`Settings::max_data_bytes`].
    DataBytes,
}

/// How much of a quota an execution has used up. It is told once, when that is 80 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaUse {
    /// Of what.
    pub quota: Quota,
    /// How much is used up.
    pub used: usize,
    /// How much there is.
    pub max: usize,
}

impl fmt::Display for QuotaUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { used, max, .. } = self;
        match self.quota {
            Quota::Operations => write!(f, "the execution has {used} of at most {max} operations"),
            Quota::DataBytes => write!(f, "the execution has written {used} of at most {max} bytes"),
        }
    }
}

impl QuotaUse {
    /// How much of each quota an execution has used up.
    pub(crate) fn of(execution: &Execution, settings: &Settings) -> [Self; 2] {
        let (operations, bytes) = (execution.records.len(), execution.data_bytes());
        [
            Self { quota: Quota::Operations, used: operations, max: settings.max_operations },
            Self { quota: Quota::DataBytes, used: bytes, max: settings.max_data_bytes },
        ]
    }

    /// Whether so little is left that somebody should know.
    pub(crate) fn is_near(&self) -> bool {
        self.used.saturating_mul(5) >= self.max.saturating_mul(4)
    }

    /// The end of an execution that wants more, if it does.
    pub(crate) fn exceeded_by(mut self, more: usize) -> Option<ExecutionEnd> {
        self.used = self.used.saturating_add(more);
        let is_beyond = more > 0 && self.used > self.max;
        let max = self.max;
        let message = match self.quota {
            Quota::Operations => format!("The execution has more than {max} operations."),
            Quota::DataBytes => format!("The execution has written more than {max} bytes."),
        };
        let error = Some(ErrorObject::new("ServiceQuotaExceededException", message));
        is_beyond.then_some(ExecutionEnd::Failed { error })
    }
}
