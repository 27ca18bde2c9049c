//! Runs the same durable function on durable and on the SDKs it is compared with.
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml
//! ```
//!
//! The function is a loop of steps that return a small struct; its answer is a sum over their results, so that nothing
//! is optimized away. One service in memory ([`Ledger`]) records it for every SDK, first in a live run. What it
//! recorded then is the payload of an invocation that replays all of it.
//!
//! Measured from the bytes of the payload to the bytes of the answer, as in a Lambda function: parsing, replay and
//! dropping everything. As under the Lambda runtime, the bytes of the payload live until they are parsed. AWS's SDK is
//! given its payload by `serde_json::from_slice`, which is quicker than how the Lambda runtime gives it.
//!
//! Times come from processes with the system's allocator, allocations and heap from a process of their own whose
//! allocator counts. Each process measures one SDK; they take turns.

mod aws;
mod durable;
mod ledger;
mod sdk;
mod task;
mod workload;

pub use ledger::Ledger;
pub use sdk::{Live, Replay, Sdk};
pub use task::{Heap, Task};
pub use workload::{Names, Receipt, Workload};
