//! The events of an execution's history (GetDurableExecutionHistory).

mod details;
mod event;
mod payload;

pub use details::*;
pub use event::{Event, EventDetails, EventType};
pub use payload::{EventError, EventInput, EventReason, EventResult, RetryDetails};
