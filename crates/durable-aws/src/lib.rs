//! Runs durable functions on AWS Lambda: the transport on the AWS SDK, and the entry point.
//!
//! Most functions need [`run`] alone, through the `durable` crate. Those with a client of their own, say with another
//! credentials provider or a proxy, make a [`LambdaTransport`] of it and call [`run_with`].
//!
//! # The client that `run` makes
//! It is made once per process, from the environment variables that Lambda sets and those that the AWS SDKs define for
//! configuration: region and credentials, `AWS_ENDPOINT_URL_LAMBDA` and `AWS_ENDPOINT_URL` (for a local service),
//! `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`, `AWS_RETRY_MODE`,
//! `AWS_MAX_ATTEMPTS` and `AWS_SDK_UA_APP_ID`. It reads no profiles and assumes no roles: a Lambda function has neither,
//! and leaving them out leaves out the clients of three more services.
//!
//! A connection must be made within 5 seconds, and an answer begin within 50.

mod client;
mod diagnostic;
mod environment;
mod failure;
mod lambda_context;
mod payload;
mod request_error;
mod run;
mod shape;
mod transport;

pub use aws_sdk_lambda;
pub use run::{run, run_with};
pub use transport::LambdaTransport;
