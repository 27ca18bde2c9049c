//! One invocation of a durable function as a state machine: the SDK's half of the protocol, without I/O.
//!
//! The [`Engine`] holds what is recorded, pairs the operations that the handler claims with their records, moves one
//! small machine per operation, queues the updates for the service and decides when to suspend. It never waits,
//! spawns or looks at a clock. A driver feeds it through `handle_*` methods and carries out what
//! [`Engine::poll_output`] hands out.
//!
//! # Invariants
//! - A claim that is recorded takes its record by id, whatever order claims come in. A claim that is not waits until
//!   every recorded operation of its context has been claimed.
//! - Updates reach the service in the order in which they were queued, one request at a time.
//! - A value is handed out only when its record has been acknowledged.
//! - Dropping an operation leaves no trace that keeps the invocation from suspending.

mod claim;
mod completion;
mod context;
mod divergence;
mod engine;
mod identity;
mod jitter;
mod journal;
mod operation;
mod output;
mod queue;
mod refresh;
mod retry;
mod size;

pub use claim::{Claimed, Fatal, NewOperation};
pub use completion::{Completion, CompletionReason, Tally, Verdict};
pub use context::ContextKey;
pub use engine::{Engine, Failure};
pub use identity::OperationId;
pub use operation::{OperationKey, Progress, Settled, StepSemantics};
pub use output::{Idle, Output};
pub use queue::LINGER;
pub use retry::{Jitter, RetryDecision, RetryStrategy, WaitStrategy};
