//! The operations of a context: builders that are awaited, one kind a file.

mod body;
mod child_context;
mod future;
mod handle;
mod name;
mod step;
mod wait;

pub(crate) use body::{panicked, step_being_polled};
pub use child_context::{ChildContext, ChildContextFuture};
pub use name::{OperationName, UNNAMED};
pub use step::{Step, StepFuture};
pub use wait::{Wait, WaitFuture};
