//! What the benchmarks share that run functions as processes: the Runtime API, a small HTTP server, what a process
//! costs, and the table of results.

mod function_process;
mod http;
mod process;
mod process_stat;
mod runtime_api;
mod table;

pub use function_process::FunctionProcess;
pub use http::{Certificate, Connection, Message, Response, segment, serve, serve_tls};
pub use process::Process;
pub use process_stat::{ProcessStat, tree_time};
pub use table::Table;
