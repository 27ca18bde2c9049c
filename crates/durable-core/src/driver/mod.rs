//! The only loop of an invocation: polls the handler, sends requests to the service, and returns the output.

mod event_loop;
mod invocation;
mod invocation_error;
mod observed_invocation;
mod running;
mod sent_checkpoint;
mod wake;

pub use invocation::Invocation;
pub use invocation_error::InvocationError;

pub use durable_engine::DivergencePolicy;
