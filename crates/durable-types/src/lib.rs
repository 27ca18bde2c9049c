//! The data types of AWS Lambda durable executions, with serde.
//!
//! The crate contains the types of the durable execution API and of invocations: the [`OperationUpdate`]s that an SDK
//! sends, the [`Operation`]s that it receives, the [`InvocationInput`] and [`InvocationOutput`] of an invocation, the
//! requests and responses of the [`api`], the events of the [`history`], the [`limits`] of the service, and validation.
//!
//! Its only dependency is serde. It reads no clock and does no I/O, so viewers, exporters and linters can use it without
//! an async runtime or an AWS SDK.
//!
//! ```
//! use durable_types::{OperationType, OperationUpdate};
//!
//! let update = OperationUpdate::succeed("step-1", OperationType::Step, Some("\"done\"".to_owned()))
//!     .with_name("charge")
//!     .with_sub_type("Step");
//!
//! assert!(update.validate().is_ok());
//! ```
//!
//! AWS extends its API, so structs are `#[non_exhaustive]`. Their constructors take the required members; the others
//! are public fields:
//!
//! ```
//! use durable_types::api::CheckpointRequest;
//!
//! let mut request = CheckpointRequest::new("arn", "token", Vec::new());
//! request.client_token = Some("delivery-1".to_owned());
//! ```

mod nullable;
mod open_enum;
mod redacted;
mod small_string;

pub mod api;
mod arn;
mod durable_config;
mod error_object;
mod execution_status;
pub mod history;
mod invocation;
pub mod limits;
mod operation;
pub mod sub_type;
mod timestamp;
mod update;
pub mod validate;
mod version;
mod violation;

pub use arn::{DurableExecutionArn, InvalidArn};
pub use durable_config::DurableConfig;
pub use error_object::ErrorObject;
pub use execution_status::ExecutionStatus;
pub use invocation::{InitialExecutionState, InvocationInput, InvocationOutput};
pub use operation::{
    CallbackDetails, ChainedInvokeDetails, ContextDetails, ExecutionDetails, Operation, OperationDetails,
    OperationStatus, OperationType, StepDetails, WaitDetails,
};
pub use small_string::SmallString;
pub use timestamp::{InvalidTimestamp, Timestamp};
pub use update::{
    CallbackOptions, ChainedInvokeOptions, ContextOptions, OperationAction, OperationUpdate, StepOptions,
    WaitOptions, actions_of, is_legal, legal_actions,
};
pub use version::{is_version, is_version_number};
pub use violation::{Violation, Violations};
