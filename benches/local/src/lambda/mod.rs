//! What AWS's runner needs of Lambda: an endpoint for Invoke, and processes of the function behind it.

mod endpoint;

pub use endpoint::LambdaEndpoint;
