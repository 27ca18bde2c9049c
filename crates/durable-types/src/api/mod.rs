//! The requests and responses of the durable execution API, one operation a file.

mod checkpoint;
mod get_state;
mod service_error;

pub use checkpoint::{CheckpointRequest, CheckpointResponse, CheckpointUpdatedExecutionState};
pub use get_state::{GetStateRequest, GetStateResponse};
pub use service_error::{ServiceError, ServiceErrorKind};
