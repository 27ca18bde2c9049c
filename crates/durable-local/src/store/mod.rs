//! The durable record: executions and their events as rows of one SQLite file.

mod database;
mod error;
mod folder;
mod handle;
mod list;
mod reader;
mod row;
mod schema;
mod write_ahead_log;
mod writer;

pub use error::StoreError;
pub(crate) use folder::is_claimed;
pub use handle::Store;
pub use list::{ExecutionFilter, ExecutionPage, PagePosition};
pub use row::{Append, ExecutionRow, StatusChange};
