//! A local service for AWS Lambda durable functions, to embed in a program.
//!
//! [`LocalService`] runs durable functions without an AWS account. Functions are handlers of the same program, or unmodified
//! Lambda programs, which it starts as processes behind the Lambda Runtime API. It stores executions in memory or in a
//! folder; what it has acknowledged in a folder survives `kill -9`, and unfinished executions resume at the next start. On
//! request it serves the Lambda API over HTTP, for functions and for every AWS SDK.
//!
//! The `durable` command, in the crate `durable-cli`, is this service with a terminal in front of it.
//!
//! ```
//! use std::time::Duration;
//!
//! use durable_core::{DurableContext, Result};
//! use durable_local::{ExecutionStart, LocalService};
//!
//! async fn ship(order: String, ctx: DurableContext) -> Result<String> {
//!     ctx.step("label", async |_| Ok(format!("label of {order}"))).await
//! }
//!
//! async fn fulfil(order: String, ctx: DurableContext) -> Result<String> {
//!     ctx.step("charge", async |_| Ok(format!("receipt of {order}"))).await?;
//!     ctx.wait("settle", Duration::from_secs(1)).await?;
//!     ctx.invoke("ship", "ship:$LATEST", &order).await
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let service = LocalService::builder().handler("ship", ship).handler("fulfil", fulfil).start().await?;
//!
//!     let order = ExecutionStart { input: Some("\"book\"".to_owned()), ..ExecutionStart::new("fulfil") };
//!     let started = service.start_execution(order).await?;
//!     let closed = service.wait_closed(&started.arn).await?;
//!
//!     assert_eq!(closed.result.as_deref(), Some("\"label of book\""));
//!     service.shutdown().await;
//!     Ok(())
//! }
//! ```
//!
//! # Features
//! - `otlp`: exports executions as traces to an OTLP endpoint (`LocalServiceBuilder::otlp`).

mod address;
mod builder;
pub mod discovery;
mod error;
mod function_set;
mod handler;
mod local_service;
mod logged;
mod metrics;
#[cfg(feature = "otlp")]
pub mod otlp;
mod process_collector;
mod settings;

pub use builder::LocalServiceBuilder;
pub use durable_functions::{FunctionCode, FunctionDefinition, InProcessFunction};
pub use durable_host::{ClosedExecution, ExecutionStart, ExecutionWatch};
pub use durable_service::{FunctionKind, FunctionVersions, StartedExecution};
pub use error::StartError;
pub use local_service::LocalService;
pub use settings::{Resume, Settings, Storage};
