//! Requests to the Lambda API over HTTP/1.1, without a client of the AWS SDK: signed, sent, and retried.

mod address_race;
pub(crate) mod api_client;
pub(crate) mod api_request;
pub(crate) mod api_settings;
pub(crate) mod attempt_error;
mod clock_skew;
mod connection;
mod connector;
mod container_credentials;
mod credentials_source;
mod encoding;
mod endpoint;
mod http_client;
mod http_error;
mod instant;
mod kept_credentials;
mod partition;
mod pool;
pub(crate) mod random;
pub(crate) mod request_failure;
mod retry;
pub(crate) mod shared_options;
mod signer;
mod stream;
mod tls;
mod user_agent;
