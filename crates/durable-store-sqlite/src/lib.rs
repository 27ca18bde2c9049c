//! Stores durable executions, and the output of their functions, in SQLite files.
//!
//! [`Store`] holds executions and their events. An append is acknowledged once it is on disk. [`logs::LogStore`] holds
//! the output of functions in a file of its own; it is written without waiting for the disk. They implement
//! [`EventStore`](durable_host::store::EventStore) and [`LogStore`](durable_host::logs::LogStore).

mod background_check;
mod backup;
mod database;
mod error;
mod event_store;
mod folder;
mod folder_lock;
mod handle;
mod integrity;
mod last_use;
mod list;
pub mod logs;
pub mod private_file;
#[cfg(test)]
mod query_plan;
mod reader;
mod schema;
mod write_ahead_log;
mod writer;

pub use backup::{BackupError, ExistingFile, backup};
pub use durable_host::store::{
    Append, ExecutionFilter, ExecutionPage, ExecutionRow, Expiry, InvalidPosition, PagePosition,
    StatusChange, Unfinished, WakeUp,
};
pub use error::StoreError;
pub use folder_lock::is_claimed;
pub use handle::Store;
