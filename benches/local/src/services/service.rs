//! What the measurements need of a service.

use std::path::Path;

use bench_harness::Connection;

use super::Running;
use crate::work::{StepTimes, Work};

/// A kind of service.
pub trait Service: Sync {
    fn name(&self) -> &'static str;

    /// The most callers at a time whose connections it accepts.
    fn max_callers(&self) -> usize {
        usize::MAX
    }

    /// The most steps of an execution that takes less than a minute or so.
    fn max_steps(&self) -> u32 {
        u32::MAX
    }

    /// Starts it on a folder, and returns as soon as it is ready.
    fn start(&self, folder: &Path) -> Running;

    /// Registers the function with a service that starts on an empty folder.
    fn register(&self, running: &Running);

    /// Starts an execution that takes its steps, and waits for its result.
    fn execute(&self, connection: &mut Connection, work: Work) -> StepTimes;

    /// Starts an execution without waiting for it.
    fn send(&self, connection: &mut Connection, work: Work);
}
