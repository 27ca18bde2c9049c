//! The number of executions that a dispatcher manages, for monitoring.

use super::dispatcher::Dispatcher;
use super::slot::Slot;

/// The number of executions that a [`Dispatcher`] manages, by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DispatcherCounts {
    /// Executions that have not ended: in memory, being loaded, or only with a timer.
    pub running: usize,
    /// Executions in memory.
    pub in_memory: usize,
    /// Executions that are being loaded, with the requests that wait for them.
    pub loading: usize,
    /// Executions with a timer.
    pub timers: usize,
    /// Invocations that are held because their functions do not currently exist.
    pub held: usize,
}

impl<T> Dispatcher<T> {
    /// Counts the executions. It takes time proportional to the number of those in memory.
    pub fn counts(&self) -> DispatcherCounts {
        let timers = self.timers.len();
        let mut counts =
            DispatcherCounts { running: timers, timers, held: self.held().count(), ..Default::default() };
        for (id, slot) in &self.slots {
            let (count, is_running) = match slot {
                Slot::Resident(resident) => (&mut counts.in_memory, !resident.execution.is_closed()),
                Slot::Loading(_) => (&mut counts.loading, true),
                Slot::Deleting(_) => continue,
            };
            *count = count.saturating_add(1);
            if is_running && !self.timers.contains(id) {
                counts.running = counts.running.saturating_add(1);
            }
        }
        counts
    }
}
