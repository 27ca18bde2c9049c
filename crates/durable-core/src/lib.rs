//! What users of durable functions call, and what authors of transports implement.
//!
//! A handler gets a [`DurableContext`] and asks it for operations: [steps](DurableContext::step),
//! [waits](DurableContext::wait), [child contexts](DurableContext::run_in_child_context),
//! [callbacks](DurableContext::wait_for_callback), [calls of other functions](DurableContext::invoke),
//! [conditions](DurableContext::wait_for_condition), [maps](DurableContext::map),
//! [parallels](DurableContext::parallel), also [open ones](DurableContext::open_parallel),
//! [blocks that are tried again](DurableContext::with_retry) and [sagas](DurableContext::saga). Every operation is a
//! builder that is awaited. An [`Invocation`](driver::Invocation) runs a handler once over a
//! [`Transport`](transport::Transport), the connection to the service.
//!
//! # What replay does
//! When an execution waits, its invocation ends; later the handler runs again from its first line. Operations that are
//! recorded return what is recorded, their bodies do not run again. So the code between operations runs many times
//! and must do the same each time: what depends on time, chance or the outside world belongs in a step.

pub mod batch;
mod clock;
pub mod combinator;
mod context;
pub mod driver;
pub mod error;
pub mod lambda;
mod live;
pub mod logging;
mod name;
pub mod operation;
mod panic;
pub mod retry;
mod scope;
pub mod serdes;
mod shared;
mod step_context;
pub mod transport;
mod wakers;

pub use context::DurableContext;
pub use durable_types as types;
pub use error::{DurableError, Error, Ok, Result};
pub use step_context::StepContext;
pub use uuid::Uuid;
