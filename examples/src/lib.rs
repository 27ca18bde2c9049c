//! What the examples share: where their log goes.

/// Writes what happens to standard error, where Lambda and the `durable` command collect it.
pub fn log_to_stderr() {
    tracing_subscriber::fmt().with_writer(std::io::stderr).without_time().with_target(false).init();
}
