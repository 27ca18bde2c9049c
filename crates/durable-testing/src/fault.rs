//! What can go wrong between a function and the service.

/// Something that goes wrong at a request of a function: a checkpoint, or the reading of a page of what is recorded.
///
/// Whatever it is, the service invokes the function again, and a function that keeps the rules ends as if nothing had
/// happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The request never arrives: nothing of it is recorded, and the invocation dies of it.
    LostRequest,
    /// The request is carried out but its answer never arrives: all of it is recorded, and the invocation dies of it.
    LostResponse,
    /// The request is carried out, but the answer to a checkpoint has no token, as when the execution is paused. It is
    /// resumed when the invocation has answered.
    WithheldToken,
    /// The service gave the invocation up just before, as one that takes too long, but its process lives on.
    TimedOut,
    /// The request goes well, but what the invocation answers in the end never arrives.
    LostAnswer,
}
