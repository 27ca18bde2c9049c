//! The lean transport: two operations over HTTP/1.1, without a client of the AWS SDK.

mod address_race;
mod api_request;
mod attempt_error;
mod builder;
mod client;
mod clock_skew;
mod connection;
mod connector;
mod container_credentials;
mod credentials_source;
mod encoding;
mod endpoint;
mod expiring_credentials;
mod http_client;
mod http_error;
mod instant;
mod partition;
mod pool;
pub(crate) mod random;
mod retry;
mod signer;
mod stream;
mod tls;
mod transport;
mod user_agent;

pub use builder::LambdaTransportBuilder;
pub use transport::LambdaTransport;
