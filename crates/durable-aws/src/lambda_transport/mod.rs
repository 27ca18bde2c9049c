//! The lean transport: two operations over HTTP/1.1, without a client of the AWS SDK.

mod builder;
mod requests;
mod transport;

pub use builder::LambdaTransportBuilder;
pub use transport::LambdaTransport;
