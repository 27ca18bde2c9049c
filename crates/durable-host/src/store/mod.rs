//! The records of executions, and the trait of the stores that persist them.

mod append_causes;
mod error;
mod event_store;
mod list;
mod memory;
mod position;
mod row;

pub use append_causes::AppendCauses;
pub use durable_service::WakeUp;
pub use error::{StoreError, StoreErrorKind};
pub use event_store::{EventStore, Stored};
pub use list::{ExecutionFilter, ExecutionPage};
pub use memory::MemoryStore;
pub use position::{InvalidPosition, PagePosition, PositionRange};
pub use row::{Append, ExecutionRow, Expiry, StatusChange, Unfinished};
