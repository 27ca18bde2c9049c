//! The requests and responses of the durable execution API.

mod callback_failure;
mod callback_heartbeat;
mod callback_success;
mod checkpoint;
mod delete;
mod get_execution;
mod get_history;
mod get_state;
mod invoke;
mod list_executions;
mod pause;
mod resume;
mod service_error;
mod stop;

pub use callback_failure::{CallbackFailureRequest, CallbackFailureResponse};
pub use callback_heartbeat::{CallbackHeartbeatRequest, CallbackHeartbeatResponse};
pub use callback_success::{CallbackSuccessRequest, CallbackSuccessResponse};
pub use checkpoint::{CheckpointRequest, CheckpointResponse, CheckpointUpdatedExecutionState};
pub use delete::{DeleteRequest, DeleteResponse};
pub use get_execution::{GetExecutionRequest, GetExecutionResponse, PauseDetails, TraceHeader};
pub use get_history::{GetHistoryRequest, GetHistoryResponse};
pub use get_state::{GetStateRequest, GetStateResponse};
pub use invoke::{
    CLIENT_CONTEXT_HEADER, DURABLE_EXECUTION_ARN_HEADER, DURABLE_EXECUTION_NAME_HEADER,
    EXECUTED_VERSION_HEADER, FUNCTION_ERROR_HEADER, INVOCATION_TYPE_HEADER, InvocationType, InvokeRequest,
    InvokeResponse, LOG_RESULT_HEADER, LOG_TYPE_HEADER, LogType, TENANT_ID_HEADER, TRACE_ID_HEADER,
};
pub use list_executions::{ExecutionSummary, ListExecutionsRequest, ListExecutionsResponse};
pub use pause::{PauseRequest, PauseResponse};
pub use resume::{ResumeRequest, ResumeResponse};
pub use service_error::{ServiceError, ServiceErrorKind};
pub use stop::{StopRequest, StopResponse};
