//! The one loop of an invocation: polls the handler, carries requests to the service, answers.

mod handler;
mod invocation;
mod invocation_error;
mod running;
mod wake;

pub use handler::invoke;
pub use invocation_error::InvocationError;
