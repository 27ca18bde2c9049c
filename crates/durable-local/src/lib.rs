//! A local service for AWS Lambda durable functions: the durable execution API over HTTP, kept on disk.
//!
//! [`LocalService`] runs functions, unmodified, without an AWS account: it starts them as processes that take their
//! invocations through the Lambda Runtime API, serves the durable execution API to them and to every AWS SDK, and
//! records everything in one folder. What it has acknowledged survives the end of the process, whatever ended it:
//! started again on the same folder, it carries on where it was.
//!
//! The `durable` command, in the crate `durable-cli`, is this service with a terminal in front of it.
//!
//! ```
//! use durable_local::{ExecutionStart, FunctionDefinition, LocalService, Settings};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! // In real life a function is a program: FunctionDefinition::process(..).
//! let hello = FunctionDefinition::in_process("hello", async |_payload| {
//!     Ok(r#"{"Status": "SUCCEEDED", "Result": "\"hello\""}"#.into())
//! });
//! let service = LocalService::start(Settings::new(folder.path()).with_function(hello)).await?;
//!
//! let started = service.start_execution(ExecutionStart::new("hello")).await?;
//! let closed = service.wait_closed(&started.arn).await?;
//!
//! assert_eq!(closed.result.as_deref(), Some("\"hello\""));
//! service.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod address;
pub mod discovery;
mod error;
mod local_service;
mod logged;
mod settings;

pub use durable_functions::{FunctionCode, FunctionDefinition, InProcessFunction};
pub use durable_host::{ClosedExecution, ExecutionStart, ExecutionWatch};
pub use durable_service::{FunctionKind, FunctionVersions, StartedExecution};
pub use error::StartError;
pub use local_service::LocalService;
pub use settings::{Resume, Settings, Storage};
