//! What AWS's runner needs of Lambda: an endpoint for Invoke, and processes of the function behind it.

mod endpoint;
mod function_process;
mod runtime_api;

pub use endpoint::LambdaEndpoint;
