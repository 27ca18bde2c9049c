//! Runs the same durable functions on durable and on the SDKs it is compared with: see the README.

pub mod aws;
pub mod durable;
mod functions;
mod lambda_api;
mod ledger;
mod measure;
pub mod plain;
mod sdk;
mod table;
mod task;
mod workload;

pub use functions::measure_functions;
pub use ledger::{Calls, Ledger};
pub use measure::{Figures, live, print_times, replay, test};
pub use sdk::{Live, Replay, Sdk};
pub use table::{print_head, print_row};
pub use task::{Heap, Task};
pub use workload::{Receipt, Shape, Workload};
