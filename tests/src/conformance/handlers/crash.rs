//! The death of a function in the middle of what it does.

use std::fs::OpenOptions;

/// Ends the process of the function, or the invocation if a test plays the process.
pub(crate) async fn end_process() {
    durable_testing::crash().await;
    std::process::exit(1);
}

/// Whether nobody has asked for this key before, in this process or another.
///
/// What is recorded of an execution cannot tell: nothing is recorded between two runs of the same attempt.
pub(crate) fn is_first_run(key: &str) -> std::io::Result<bool> {
    let marker = std::env::temp_dir().join(format!("durable-conformance-{key}"));
    match OpenOptions::new().write(true).create_new(true).open(marker) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}
