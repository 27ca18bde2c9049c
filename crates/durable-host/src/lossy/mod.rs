//! Bounded queues between those who print and those who write, which drop items instead of blocking the sender.

mod channel;
mod queue;

pub use channel::{LossyReceiver, LossySender, Received, lossy_channel};
pub use queue::{LossyQueue, Popped, SameGap};
