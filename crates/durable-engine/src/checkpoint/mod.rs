//! Requests to the service: the queue, the request in flight, and the changes that responses bring.

mod exchange;
mod queue;
mod queued_update;
mod refresh;

pub(crate) use exchange::{Answer, Delta, Exchange};
pub use queue::LINGER;
pub(crate) use queued_update::{QueuedUpdate, Urgency};
