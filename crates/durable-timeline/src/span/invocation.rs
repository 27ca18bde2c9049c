//! The span of an invocation.

use durable_types::{ErrorObject, Timestamp};

/// The span of an invocation of the function that has ended. Histories do not contain those in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvocationSpan {
    /// Its number, counting from 1.
    pub number: u32,
    /// The id of the request, if it is known.
    pub request_id: Option<Box<str>>,
    /// The start time.
    pub start: Timestamp,
    /// The end time.
    pub end: Timestamp,
    /// Whether it failed. The service then invokes the function again, unless the execution has ended.
    pub is_failed: bool,
    /// The error with which it failed, if it is known.
    pub error: Option<Box<ErrorObject>>,
}
