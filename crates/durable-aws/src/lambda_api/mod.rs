//! Requests to the Lambda API over HTTP/1.1, without a client of the AWS SDK: signed, sent, and retried.

mod address_race;
pub(crate) mod api_request;
mod attempt_error;
pub(crate) mod client;
pub(crate) mod clock_skew;
mod connection;
pub(crate) mod connector;
pub(crate) mod container_credentials;
pub(crate) mod credentials_source;
mod encoding;
pub(crate) mod endpoint;
mod expiring_credentials;
pub(crate) mod http_client;
mod http_error;
mod instant;
mod partition;
mod pool;
pub(crate) mod random;
pub(crate) mod retry;
pub(crate) mod signer;
mod stream;
pub(crate) mod tls;
pub(crate) mod user_agent;
