//! What our types write and read is what AWS's own client of the Lambda API reads and writes.

// The strategies of durable-types' own tests, so that both test the same values.
#[cfg(test)]
#[path = "../../../crates/durable-types/tests/it/arbitrary.rs"]
mod arbitrary;
#[cfg(test)]
#[path = "../../../crates/durable-types/tests/it/arbitrary_api.rs"]
mod arbitrary_api;
#[cfg(test)]
mod client;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod from_aws;
#[cfg(test)]
mod from_aws_event;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod responses;
#[cfg(test)]
mod to_aws;
