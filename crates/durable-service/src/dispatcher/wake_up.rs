//! When executions have to be loaded after a restart.

use durable_types::Timestamp;

/// When an execution has to be loaded after a restart, unless a request needs it earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WakeUp {
    /// At the start of the process: it runs, or waits for a call that the process makes.
    #[default]
    AtStart,
    /// At a time.
    At(Timestamp),
    /// Only when a request needs it.
    OnDemand,
}
