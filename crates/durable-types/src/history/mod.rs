//! The history of an execution, event by event (GetDurableExecutionHistory).

mod details;
mod event;
mod payload;

pub use details::*;
pub use event::{Event, EventDetails, EventType};
pub use payload::{EventError, EventInput, EventReason, EventResult, RetryDetails};
