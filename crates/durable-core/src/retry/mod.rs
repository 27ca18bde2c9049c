//! Policies for retrying failed attempts and for repeating the checks of conditions.

mod checked_decision;
mod failed_attempt;
mod retry_policy;
mod retry_rules;
mod wait_policy;

pub(crate) use checked_decision::checked_decision;
pub use durable_engine::{
    ExponentialBackoff, FixedDelay, InvalidStrategy, Jitter, LinearBackoff, RetryDecision, RetryStrategy,
    WaitStrategy,
};
pub(crate) use failed_attempt::FailedAttempt;
pub use retry_policy::RetryPolicy;
pub(crate) use retry_rules::RetryRules;
pub use wait_policy::WaitPolicy;
