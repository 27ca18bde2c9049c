//! The quotas of an execution and their usage.

use std::fmt;

use durable_types::ErrorObject;

use crate::execution::Execution;
use crate::operation::ExecutionEnd;
use crate::settings::Settings;

/// A quota of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// The number of operations: [`Settings::max_operations`].
    Operations,
    /// The total size of all data written: [`Settings::max_data_bytes`].
    DataBytes,
}

/// The usage of a quota. It is reported once, at 80 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaUse {
    /// The quota.
    pub quota: Quota,
    /// The amount used.
    pub used: usize,
    /// The limit.
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
    /// Returns the usage of each quota.
    pub(crate) fn of(execution: &Execution, settings: &Settings) -> [Self; 2] {
        let (operations, bytes) = (execution.records.len(), execution.data_bytes());
        [
            Self { quota: Quota::Operations, used: operations, max: settings.max_operations },
            Self { quota: Quota::DataBytes, used: bytes, max: settings.max_data_bytes },
        ]
    }

    /// Returns whether at least 80 % is used.
    pub(crate) fn is_near(&self) -> bool {
        self.used.saturating_mul(5) >= self.max.saturating_mul(4)
    }

    /// Returns the failure of the execution if using `more` would exceed the quota.
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
