//! What can go wrong between a function and the service.

/// Something that goes wrong at a checkpoint; the invocation dies of it, and the service invokes the function again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request never arrives: nothing of it is recorded.
    LostRequest,
    /// The request is carried out but its answer never arrives: all of it is recorded.
    LostResponse,
}
