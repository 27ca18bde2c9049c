//! Stores durable executions, and what their functions print, in SQLite files.
//!
//! [`Store`] holds executions and their events. An append is acknowledged once it is on disk. [`logs::LogStore`] holds
//! the output of functions in a file of its own; it is written without waiting for the disk.

mod database;
mod error;
mod folder;
mod handle;
mod list;
pub mod logs;
pub mod private_file;
mod reader;
mod row;
mod schema;
mod write_ahead_log;
mod writer;

pub use error::StoreError;
pub use folder::is_claimed;
pub use handle::Store;
pub use list::{ExecutionFilter, ExecutionPage, PagePosition};
pub use row::{Append, ExecutionRow, Expiry, StatusChange};
