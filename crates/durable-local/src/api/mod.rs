//! The durable execution API over HTTP, one operation a file.

mod besides;
mod callback;
mod checkpoint;
mod client_context;
mod delete;
mod error;
mod execution_data;
mod function_name;
mod functions;
mod get_execution;
mod get_history;
mod get_state;
mod guard;
mod host;
mod invoke;
mod invoke_plain;
mod json;
mod list_executions;
mod listen;
mod log_tail;
mod patient_stream;
mod pause;
mod query;
mod resume;
mod route;
mod secret;
mod serve;
mod stop;

use besides::Besides;
use error::ApiError;
pub(crate) use guard::Guard;
use query::Query;
use route::Route;
pub(crate) use serve::serve;
