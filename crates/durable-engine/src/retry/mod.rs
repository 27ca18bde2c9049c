//! Retry strategies: whether an attempt is retried, and after which delay.

mod decision;
mod exponential;
mod fixed;
mod invalid;
mod jitter;
mod linear;
mod schedule;
mod strategy;
mod wait_strategy;

pub use decision::RetryDecision;
pub use exponential::ExponentialBackoff;
pub use fixed::FixedDelay;
pub use invalid::InvalidStrategy;
pub use jitter::Jitter;
pub use linear::LinearBackoff;
pub use strategy::RetryStrategy;
pub use wait_strategy::WaitStrategy;
