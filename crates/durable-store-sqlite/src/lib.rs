//! Stores durable executions, and the output of their functions, in SQLite files.
//!
//! [`Store`] holds executions and their events. An append is acknowledged once it is on disk; its events are stored as a
//! compressed block. [`logs::LogStore`] holds the output of functions in a file of its own, which is written without
//! waiting for the disk. They implement [`EventStore`](durable_host::store::EventStore) and
//! [`LogStore`](durable_host::logs::LogStore).

mod arn_prefix;
mod background_check;
mod backup;
mod commit;
mod commit_size;
mod database;
mod error;
mod event_block;
mod event_dictionary;
mod event_store;
mod event_table;
mod execution_name;
mod folder;
mod folder_lock;
mod handle;
mod input_digest;
mod integrity;
mod last_use;
mod list;
pub mod logs;
pub mod private_file;
#[cfg(test)]
mod query_plan;
mod queue_collector;
#[cfg(test)]
mod random_text;
mod reader;
mod schema;
mod store_metrics;
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
