//! Serves the Lambda durable execution API over HTTP, one operation per file.
//!
//! [`serve()`] answers the requests of functions, AWS's SDKs and the AWS CLI from a [`Host`](durable_host::Host);
//! [`router()`] does so in the server of another program. A [`Guard`] decides which requests are answered, and a
//! [`ByteBudget`] limits the memory of their bodies.

mod admit;
mod body_collector;
mod callback;
mod canonical_path;
mod checkpoint;
mod client_context;
mod compat;
mod connection_metrics;
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
mod headers;
mod host;
mod http_metrics;
mod invocation_response;
mod invoke;
mod invoke_headers;
mod invoke_plain;
mod json;
mod layers;
mod list_executions;
mod listen;
mod log_event;
mod log_tail;
mod methods;
mod observed_stream;
mod operation;
mod operation_metrics;
mod path;
mod pause;
mod query;
mod resume;
mod router;
mod routes;
mod secret;
mod serve;
mod service;
mod settings;
mod stop;
mod whole_body;

pub use durable_http_body::ByteBudget;
pub use guard::Guard;
pub use http_metrics::HttpMetrics;
pub use router::router;
pub use serve::serve;
pub use settings::HttpSettings;
