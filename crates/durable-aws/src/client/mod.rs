//! A typed client for programs that start executions, follow them, and answer callbacks.

mod builder;
mod callback;
#[expect(clippy::module_inception, reason = "each file is named after its main type")]
mod client;
mod client_error;
mod client_future;
mod delete;
mod describe;
mod execution_handle;
mod executions;
mod function_call;
mod history;
mod invoke;
mod next_page;
mod pause;
mod poll_backoff;
mod refusal;
mod requests;
mod resume;
mod start;
mod start_target;
mod stop;
mod subject;
mod wait_for_result;

pub use builder::ClientBuilder;
pub use callback::CallbackHandle;
pub use client::Client;
pub use client_error::ClientError;
pub use client_future::ClientFuture;
pub use delete::Delete;
pub use describe::Describe;
pub use execution_handle::ExecutionHandle;
pub use executions::Executions;
pub use history::History;
pub use invoke::Invoke;
pub use pause::Pause;
pub use refusal::Refusal;
pub use resume::Resume;
pub use start::Start;
pub use start_target::StartTarget;
pub use stop::Stop;
pub use subject::Subject;
pub use wait_for_result::WaitForResult;
