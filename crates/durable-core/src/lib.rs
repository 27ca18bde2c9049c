//! The API for users of durable functions, and the interface that authors of transports implement.
//!
//! A handler receives a [`DurableContext`] and starts operations with it: [steps](DurableContext::step),
//! [waits](DurableContext::wait), [child contexts](DurableContext::run_in_child_context),
//! [callbacks](DurableContext::wait_for_callback), [invocations of other functions](DurableContext::invoke),
//! [conditions](DurableContext::wait_for_condition), [maps](DurableContext::map),
//! [parallels](DurableContext::parallel), [open parallels](DurableContext::open_parallel),
//! [retried blocks](DurableContext::with_retry) and [sagas](DurableContext::saga). Every operation is a builder that is
//! awaited. An [`Invocation`](driver::Invocation) runs a handler once over a [`Transport`](transport::Transport), which
//! is the connection to the service.
//!
//! # Replay
//! When an execution suspends, its invocation ends; later the handler runs again from its first line. Operations that
//! have been recorded return the recorded results without running their bodies again. The code between operations
//! therefore runs many times and must be deterministic: whatever depends on time, randomness or the outside world
//! belongs in a step.

pub mod batch;
mod clock;
pub mod combinator;
mod context;
pub mod driver;
pub mod error;
mod function;
mod future_set;
mod invoke_target;
pub mod lambda;
mod live;
pub mod logging;
mod name;
pub mod operation;
mod outside;
mod panic;
pub mod plugin;
mod rest;
pub mod retry;
mod running_thread;
mod scope;
pub mod serdes;
mod shared;
mod step_context;
pub mod transport;
mod wakers;

pub use context::DurableContext;
pub use durable_types as types;
pub use error::{DurableError, Error, Ok, Result};
pub use function::Function;
pub use step_context::StepContext;
pub use uuid::Uuid;
