//! The recorded state of operations.

mod access;
mod details;
mod list;
mod operation_details;
mod operation_status;
mod operation_type;
mod record;

pub use details::{
    CallbackDetails, ChainedInvokeDetails, ContextDetails, ExecutionDetails, StepDetails, WaitDetails,
};
pub(crate) use list::operations;
pub use operation_details::OperationDetails;
pub use operation_status::OperationStatus;
pub use operation_type::OperationType;
pub(crate) use record::AsEpochMillis;
pub use record::Operation;
