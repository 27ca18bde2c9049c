//! What the commands that ask a service have in common: a runtime, and a way to print JSON.

use std::future::Future;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::failure::Failure;

/// The secret of the local service, if the environment tells one.
pub(super) fn shared_secret() -> Option<String> {
    std::env::var("DURABLE_SECRET").ok().filter(|secret| !secret.is_empty())
}

/// Runs a command that does one thing after another.
pub(super) fn block_on<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(command)
}

/// Prints text to the standard output. A reader that has seen enough and went away is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    print_while_read(text).map(drop)
}

/// Prints text to the standard output, and tells whether there still is a reader.
pub(super) fn print_while_read(text: &str) -> Result<bool, Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Prints JSON that people can read, too.
pub(super) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    print(&format!("{text}\n"))
}

/// Text that is JSON as JSON, and other text as a string.
pub(super) fn as_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}
