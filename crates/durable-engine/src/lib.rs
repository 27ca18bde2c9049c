//! One invocation of a durable function as a state machine: the SDK's half of the protocol, without I/O.
//!
//! The [`Engine`] holds the journal, pairs the operations that the handler claims with their records, advances one
//! small machine per operation, queues updates for the service and decides when to suspend. It never waits, spawns or
//! reads a clock. A driver passes inputs to its `handle_*` methods and carries out what [`Engine::poll_output`]
//! returns.
//!
//! # Invariants
//! - A claim that is recorded is paired with its record by id, regardless of the order of claims. A new claim waits
//!   until every recorded operation of its context has been claimed.
//! - Results are delivered to the handler one at a time, in one order, live as on replay.
//! - Updates reach the service in the order in which they were queued, one request at a time.
//! - A value is delivered only after its record has been acknowledged.
//! - Dropping an operation leaves no trace that keeps the invocation from suspending.

mod barrier;
mod checkpoint;
mod claim;
mod completion;
mod context;
mod deadline;
mod divergence;
mod divergence_policy;
mod engine;
mod fatal;
mod identity;
mod jitter;
mod markers;
mod observation;
mod occurrences;
mod operation;
mod operation_key;
mod output;
mod retry;
mod settled;
mod size;
mod step_semantics;

pub use checkpoint::LINGER;
pub use claim::{Claimant, Claimed, NewOperation};
pub use completion::{Completion, CompletionReason, Tally, Verdict};
pub use context::ContextKey;
pub use divergence_policy::DivergencePolicy;
pub use engine::Engine;
pub use fatal::Fatal;
pub use identity::OperationId;
pub use observation::{Notification, Observation, OperationInfo, Operations};
pub use operation::Progress;
pub use operation_key::OperationKey;
pub use output::{Idle, Output};
pub use retry::{
    ExponentialBackoff, FixedDelay, InvalidStrategy, Jitter, LinearBackoff, RetryDecision, RetryStrategy,
    WaitStrategy,
};
pub use settled::Settled;
pub use step_semantics::StepSemantics;
