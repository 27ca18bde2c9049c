//! Runs durable functions on AWS Lambda (the transports and the entry point), and starts executions and answers
//! callbacks (the client).
//!
//! Most functions need [`run`] alone, through the `durable` crate. Those that configure their transport in code pass a
//! [`LambdaTransport`] to [`Run::transport`]. Programs that start executions, follow them or answer callbacks use a
//! [`Client`].
//!
//! # Configuration
//! [`run`], [`LambdaTransport::from_env`] and [`Client::from_env`] read the environment variables that Lambda sets and
//! those that the AWS SDKs define. They read no profiles and assume no roles, because a Lambda function has neither; a
//! [`CredentialsProvider`] connects the providers of the AWS SDK, which do.
//!
//! | variable | meaning |
//! |---|---|
//! | `AWS_REGION`, `AWS_DEFAULT_REGION` | the region; required |
//! | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | the credentials |
//! | `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, `AWS_CONTAINER_CREDENTIALS_FULL_URI` | an endpoint that provides credentials if there are no keys, as after a restore from a snapshot; they are replaced five minutes before they expire |
//! | `AWS_CONTAINER_AUTHORIZATION_TOKEN`, `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` | the `Authorization` header for that endpoint |
//! | `AWS_ENDPOINT_URL_LAMBDA`, `AWS_ENDPOINT_URL` | the URL of the service, such as that of a local one |
//! | `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` | `true` ignores these URLs |
//! | `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` | `true` selects that variant of the region's endpoint |
//! | `AWS_MAX_ATTEMPTS` | attempts per request, including the first; 3 by default |
//! | `AWS_RETRY_MODE` | has no effect: `adaptive`, which limits the rate of requests after throttling, is the same as `standard` here |
//! | `AWS_CA_BUNDLE`, `SSL_CERT_FILE` | a PEM file with the certificate authorities to trust instead of Mozilla's |
//! | `AWS_SDK_UA_APP_ID` | the name of the application in the `User-Agent` header |
//! | `AWS_LAMBDA_MAX_CONCURRENCY` | how many invocations [`run_concurrent`] serves at the same time; set by Lambda |
//! | `DURABLE_ON_DIVERGENCE` | what fails when replay diverges: `fail-execution` (default) or `fail-invocation` |
//! | `DURABLE_SUSPEND_BEFORE_DEADLINE` | how many seconds before the deadline of an invocation the execution suspends, such as `2`; never by default |
//!
//! The isolated partitions (`aws-iso` and its siblings) have certificate authorities of their own and need
//! `AWS_CA_BUNDLE`.
//!
//! # Timeouts and retries
//! A connection, including its TLS handshake, is given 5 seconds, the head of a response 50 seconds, and its body another
//! 50 seconds. Connections are kept for 20 seconds, also across invocations. On Linux, a connection whose peer
//! acknowledges nothing for 5 seconds is given up, as after the sandbox was frozen.
//!
//! Failures of the network, timeouts, throttling and the statuses 500, 502, 503 and 504 are retried, as in the mode
//! `standard` of the AWS SDKs: after a random delay of up to 50 milliseconds (after throttling: 1 second), a bound that
//! doubles with each attempt up to 20 seconds. `x-amz-retry-after` can lengthen a delay by up to 5 seconds. All attempts
//! of a checkpoint have the same client token, so the service records it once. If a kept connection turns out to be
//! closed, the request is sent again at once on a new one, which does not count as an attempt. Of all requests, only a
//! start or an invocation without an execution name is not idempotent; it is repeated if the service has certainly not
//! carried it out. [`Client::invoke`] waits for the response for up to 16 minutes. There is no quota for retries across
//! requests, as the AWS SDKs have: a function's request that still fails ends its invocation, and the service, which
//! knows all environments of the function, delays the next one.
//!
//! A checkpoint or a read of the state that still fails is an error of the execution if it would fail again in every
//! invocation, otherwise one of the invocation, which the service repeats. Expired credentials are replaced if they come from an endpoint; keys in
//! environment variables cannot be, so there they fail the invocation. If the service refuses a signature for its date,
//! the clock is corrected by the `Date` header of the response, and the request is repeated.
//!
//! # Execution environments
//! What holds where Lambda freezes, copies or shares the process of a function:
//!
//! - **Freezes.** Lambda may freeze an environment between invocations. The service may have closed a kept connection in
//!   the meantime, or the network forgotten it: then the request is repeated on a new one, with the same client token.
//!   Each invocation reads the clock anew. A task that a handler spawned on the runtime outlives its invocation, and
//!   continues with the next one: await it, or run it within a step.
//! - **SnapStart-like restores.** [`run`] opens no connection and requests no credentials before the snapshot is restored.
//!   Credentials come from the container endpoint then. Client tokens and backoff use the randomness of the operating
//!   system, so environments restored from one snapshot do not repeat each other;
//!   [`DurableContext::uuid`](durable_core::DurableContext::uuid) and `random` are derived from the execution. What the
//!   program creates before [`run`] is part of the snapshot: create clients with connections, tokens or random
//!   generators of their own on first use.
//! - **Response streaming.** The response of an invocation is for Lambda: an envelope that says whether the execution has
//!   ended, of which callers get the final result alone. So it cannot be streamed. To publish partial results, write them
//!   to a store within steps.
//! - **Extensions.** An invocation ends for an extension whenever the execution suspends, so extensions that flush at the
//!   end of an invocation do so each time, and their time counts towards it. Nothing has to be flushed at shutdown:
//!   whatever an operation returned has been recorded.
//! - **Lambda Managed Instances.** [`run_concurrent`] serves several invocations at the same time. They share the handler
//!   and the transport; contexts, tokens and log scopes belong to one invocation. [`run`] serves one at a time there.
//! - **Timeouts.** With `DURABLE_SUSPEND_BEFORE_DEADLINE` or
//!   [`suspend_before_deadline`](durable_core::DurableContext::suspend_before_deadline), an execution suspends before
//!   its invocation times out.
//!
//! # The AWS SDK
//! The feature `aws-sdk` adds `AwsSdkTransport`, which sends requests with a client of the AWS SDK for Rust. Use it for
//! what only that can be configured to do: proxies, interceptors, HTTP clients, or the retry mode `adaptive`. It costs more processor time per request, and a larger program that starts more slowly.

#[cfg(feature = "aws-sdk")]
mod aws_sdk_transport;
pub mod client;
mod credentials;
mod credentials_provider;
mod diagnostic;
mod durable_function;
mod environment;
mod error_response;
mod failure;
mod http_date;
mod json;
mod lambda_api;
mod lambda_context;
mod lambda_transport;
mod payload;
mod request_error;
mod run;
mod timeouts;

#[cfg(feature = "aws-sdk")]
pub use aws_sdk_lambda;
#[cfg(feature = "aws-sdk")]
pub use aws_sdk_transport::AwsSdkTransport;
pub use client::Client;
pub use credentials::Credentials;
pub use credentials_provider::CredentialsProvider;
pub use lambda_transport::{LambdaTransport, LambdaTransportBuilder};
pub use run::{Concurrent, Run, Sequential, Signature, run, run_concurrent};
