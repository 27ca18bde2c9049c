//! Tests durable functions with engine and service in one process, on one virtual clock.
//!
//! A [`TestRunner`] invokes a handler as the service would, as many times as it takes, and advances the clock to the
//! next event: a day of waiting takes no time. The rules are those of the service that `durable-local` runs, so it
//! rejects the same requests.
//!
//! ```
//! use std::time::Duration;
//! use durable_core::{DurableContext, Result};
//! use durable_testing::TestRunner;
//!
//! async fn remind(name: String, ctx: DurableContext) -> Result<String> {
//!     ctx.wait("a-day", Duration::from_hours(24)).await?;
//!     ctx.step("write", async |_| Ok(format!("Dear {name}, a day has passed."))).await
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let execution = TestRunner::new(remind).run(&"Ada").await.unwrap();
//!
//! assert_eq!(execution.result::<String>().unwrap(), "Dear Ada, a day has passed.");
//! assert_eq!(execution.invocations(), 2);
//! assert_eq!(execution.elapsed(), Duration::from_hours(24));
//! # }
//! ```
//!
//! [`TestExecution::timeline`] shows what happened: as text, which a failing test can print, and as a model of spans.

mod crash;
mod disturbance;
mod error;
mod execution;
mod fault;
mod function;
mod open_callback;
mod plain_function;
mod runner;
mod running;
mod world;

pub use crash::crash;
pub use durable_service::CallbackAnswer;
// Part of the signature of `TestExecution::timeline`.
pub use durable_timeline;
pub use error::TestError;
pub use execution::TestExecution;
pub use fault::Fault;
pub use open_callback::OpenCallback;
pub use runner::TestRunner;
pub use running::RunningExecution;
