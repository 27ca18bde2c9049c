//! The reason for the exit of a process, as metrics name it.

/// The reason for the exit of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExitReason {
    /// It exited by itself with status 0.
    Exited,
    /// It exited by itself with another status or by a signal, or was killed because it cannot start.
    Failed,
    /// Its launcher could not be started, or its Runtime API could not be served.
    NotStarted,
    /// It was killed because it was idle for too long.
    Idle,
    /// It was killed to make room for another process.
    Evicted,
    /// It was killed because its function was removed or replaced.
    Removed,
    /// It was killed because its start or its invocation took too long.
    TimedOut,
    /// It was killed because its invocation ended without a response.
    Abandoned,
    /// It was killed because the service stopped.
    Shutdown,
}
