//! The transport on the AWS SDK.

mod client;
mod sdk_error;
mod shape;
mod transport;

pub use transport::AwsSdkTransport;
