//! Bounded queues between producers and consumers of output. They drop items instead of blocking the producer.

mod channel;
mod queue;

pub use channel::{LossyReceiver, LossySender, Received, lossy_channel};
pub use queue::{LossyQueue, Popped, SameGap};
