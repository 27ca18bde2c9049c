//! Faults between a function and the service.

/// A fault at a request of a function: a checkpoint, or reading a page of the journal.
///
/// In every case the service invokes the function again, and a function that follows the rules ends as if nothing had
/// happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The request is lost: nothing of it is recorded, and the invocation fails.
    LostRequest,
    /// The request is carried out but its response is lost: all of it is recorded, and the invocation fails.
    LostResponse,
    /// The request is carried out, but the response to a checkpoint has no token, as when the execution is paused. The
    /// execution resumes when the invocation has answered.
    WithheldToken,
    /// The service timed the invocation out just before the request, but its process is still running.
    TimedOut,
    /// The request is carried out, but the final answer of the invocation is lost.
    LostAnswer,
}
