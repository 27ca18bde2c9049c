//! A record of each execution that ended.

mod execution_records;
mod operation_tree;

pub use execution_records::ExecutionRecords;
