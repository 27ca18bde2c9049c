//! The limit on open files, raised for the service and restored for the processes of functions.

use std::sync::OnceLock;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The most that macOS grants a process whose hard limit is infinite.
const FALLBACK: u64 = 10_240;

/// The descriptors of one process of a function: two pipes of output, the port of its Runtime API, two connections to
/// that, and one to end it.
const FILES_PER_PROCESS: usize = 6;

/// The descriptors that are neither for connections of the API nor for processes: files of the store, sources that are
/// watched, the runtime's own.
const RESERVED: usize = 64;

const MIN_PROCESSES: usize = 4;
const MAX_PROCESSES: usize = 4_096;

/// The soft limit before it was raised.
static ORIGINAL: OnceLock<u64> = OnceLock::new();

/// Raises the soft limit of this process to its hard limit, because each connection and each process of a function needs
/// file descriptors.
///
/// Call it before a service starts. Many systems keep the soft limit low only for programs
/// that use `select`, or that close every possible descriptor when they start. Functions may be such programs, so the
/// service starts them with the original limit.
pub fn raise_limit() {
    let before = getrlimit(Resource::Nofile);
    let Some(soft) = before.current.filter(|_| before.current != before.maximum) else { return };
    let attempts = [before.maximum, Some(FALLBACK.max(soft))];
    let raised = attempts.into_iter().find(|current| {
        let limit = Rlimit { current: *current, maximum: before.maximum };
        setrlimit(Resource::Nofile, limit).is_ok()
    });
    // The first call counts: later ones would find the limit raised.
    let original = *ORIGINAL.get_or_init(|| soft);
    tracing::debug!(original, raised = ?raised.flatten(), "raised the soft limit on open files");
}

/// Returns the number of processes of functions for which there are file descriptors, within 4 and 4,096.
///
/// Half of the descriptors that this process may open are left to connections of the API. Of the others, some are reserved
/// for the store and the runtime, so that checkpoints can be recorded however many processes there are.
pub fn max_processes() -> usize {
    let Some(files) = getrlimit(Resource::Nofile).current else { return MAX_PROCESSES };
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    let available = (files / 2).saturating_sub(RESERVED);
    (available / FILES_PER_PROCESS).clamp(MIN_PROCESSES, MAX_PROCESSES)
}

/// The soft limit before it was raised; none if it was not.
pub(crate) fn original_limit() -> Option<u64> {
    ORIGINAL.get().copied()
}

/// Lowers the soft limit of this process to what it was before its service raised it.
pub(crate) fn restore_limit(original: u64) -> std::io::Result<()> {
    let limit = Rlimit { current: Some(original), ..getrlimit(Resource::Nofile) };
    Ok(setrlimit(Resource::Nofile, limit)?)
}
