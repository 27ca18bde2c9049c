//! Functions on AWS's Python and JavaScript SDKs run on the local service beside Rust ones; AWS's clients for both
//! languages drive it, and its testing packages take it for the cloud.
//!
//! Skipped, saying so, where a language or its packages are missing, unless `DURABLE_TEST_REQUIRES_PYTHON` or
//! `DURABLE_TEST_REQUIRES_NODE` is set. `DURABLE_TEST_PYTHON` names a Python that has awslambdaric, boto3,
//! aws-durable-execution-sdk-python and aws-durable-execution-sdk-python-testing; `DURABLE_TEST_NODE_MODULES` names the
//! folder in which npm has installed @aws/durable-execution-sdk-js, @aws/durable-execution-sdk-js-testing and
//! @aws-sdk/client-lambda.

#[cfg(test)]
mod changed;
#[cfg(test)]
mod cloud_runners;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod language;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod project;
#[cfg(test)]
mod traces;
#[cfg(test)]
mod unloadable;
