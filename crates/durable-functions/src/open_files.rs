//! The limit on open files. It is raised for the service, and restored for the processes of functions.

use std::sync::OnceLock;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The maximum (`OPEN_MAX`) that macOS grants a process with an infinite hard limit.
const MACOS_OPEN_MAX: u64 = 10_240;

/// The file descriptors per process of a function: two output pipes, the listener of its Runtime API, two connections
/// to that, and one to kill it.
const FILES_PER_PROCESS: usize = 6;

/// The file descriptors reserved for the files of the store, watched source files and the runtime.
const RESERVED: usize = 64;

const MIN_PROCESSES: usize = 4;
const MAX_PROCESSES: usize = 4_096;

/// The soft limit before it was raised.
static ORIGINAL: OnceLock<u64> = OnceLock::new();

/// Raises the soft limit of this process to its hard limit, because every connection and every process of a function
/// needs file descriptors.
///
/// Call it before a service starts. Many systems keep the soft limit low only for programs that use `select`, or that
/// close every possible descriptor when they start. Functions may be such programs, so the service starts them with the
/// original limit.
pub fn raise_limit() {
    let before = getrlimit(Resource::Nofile);
    let Some(soft) = before.current.filter(|_| before.current != before.maximum) else { return };
    let attempts = [before.maximum, Some(MACOS_OPEN_MAX.max(soft))];
    let raised = attempts.into_iter().find(|current| {
        let limit = Rlimit { current: *current, maximum: before.maximum };
        setrlimit(Resource::Nofile, limit).is_ok()
    });
    // Only the first call sees the original limit.
    let original = *ORIGINAL.get_or_init(|| soft);
    tracing::debug!(original, raised = ?raised.flatten(), "raised the soft limit on open files");
}

/// Returns the number of function processes that the limit on open files allows, between 4 and 4,096.
///
/// Half of the descriptors of this process are left to API connections. Part of the other half is reserved for the
/// store and the runtime, so that checkpoints can be recorded regardless of the number of processes.
pub fn max_processes() -> usize {
    let Some(files) = getrlimit(Resource::Nofile).current else { return MAX_PROCESSES };
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    let available = (files / 2).saturating_sub(RESERVED);
    (available / FILES_PER_PROCESS).clamp(MIN_PROCESSES, MAX_PROCESSES)
}

/// Returns the soft limit before it was raised, or `None` if it was not raised.
pub(crate) fn original_limit() -> Option<u64> {
    ORIGINAL.get().copied()
}

/// Restores the soft limit that this process had before the service raised it.
pub(crate) fn restore_limit(original: u64) -> std::io::Result<()> {
    let limit = Rlimit { current: Some(original), ..getrlimit(Resource::Nofile) };
    Ok(setrlimit(Resource::Nofile, limit)?)
}
