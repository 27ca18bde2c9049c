//! Serves the Lambda durable execution API over HTTP, one operation per file.
//!
//! [`serve`] answers the requests of functions, AWS's SDKs and command lines from a [`Host`](durable_host::Host);
//! [`router`] does so in the server of another program. A [`Guard`] decides which requests are answered, and a
//! [`ByteBudget`] how much memory their bodies hold.

mod call;
mod callback;
mod checkpoint;
mod client_context;
mod compat;
mod connections;
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
mod invocation_response;
mod invoke;
mod invoke_plain;
mod json;
mod list_executions;
mod listen;
mod log_event;
mod log_tail;
mod observed_stream;
mod pause;
mod percent;
mod query;
mod resume;
mod route;
mod secret;
mod serve;
mod service;
mod settings;
mod stop;

use call::Call;
use compat::CompatRoute;
pub use durable_http_body::ByteBudget;
use error::ApiError;
pub use guard::Guard;
use query::Query;
use route::Route;
pub use serve::{router, serve};
pub use settings::HttpSettings;
