//! Requests to the service: what is queued for it, what is in flight, and what its responses change.

mod exchange;
mod queue;
mod queued_update;
mod refresh;

pub(crate) use exchange::{Answer, Delta, Exchange};
pub use queue::LINGER;
pub(crate) use queued_update::{QueuedUpdate, Urgency};
