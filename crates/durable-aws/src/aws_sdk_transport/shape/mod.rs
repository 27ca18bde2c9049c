//! The data of durable executions in the shapes of the AWS SDK, one shape a file.

pub(super) mod checkpoint;
mod details;
mod error_object;
pub(super) mod get_state;
mod operation;
mod operation_update;
mod options;
mod timestamp;
