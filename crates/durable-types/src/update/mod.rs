//! Updates of operations, which SDKs send to the service.

mod action;
mod encoded_len;
mod operation_update;
mod options;
mod transition;
mod validation;

pub use action::OperationAction;
pub use operation_update::OperationUpdate;
pub use options::{CallbackOptions, ChainedInvokeOptions, ContextOptions, StepOptions, WaitOptions};
pub use transition::{actions_of, is_legal, legal_actions};
