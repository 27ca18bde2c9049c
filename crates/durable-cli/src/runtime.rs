//! The runtime of the commands that run the service.

use std::io;
use std::num::NonZero;
use std::thread::available_parallelism;

use tokio::runtime::{Builder, Runtime};

/// Builds the runtime, with one worker thread for every two processors.
///
/// The others are for the store and the functions. A step of an execution is handled by one thread after the other, so
/// workers beyond that mostly wake each other, which delays it.
pub(crate) fn service_runtime() -> io::Result<Runtime> {
    let processors = available_parallelism().map_or(1, NonZero::get);
    Builder::new_multi_thread().worker_threads((processors / 2).max(1)).enable_all().build()
}
