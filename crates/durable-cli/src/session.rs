//! What the commands that ask a service have in common: a runtime, and a way to print JSON.

use std::borrow::Cow;
use std::future::Future;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::visible::{visible, visible_json};

/// The secret of the local service, if the environment tells one.
pub(crate) fn shared_secret() -> Option<String> {
    std::env::var("DURABLE_SECRET").ok().filter(|secret| !secret.is_empty())
}

/// Runs a command that does one thing after another.
pub(crate) fn block_on<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(command)
}

/// Prints text for people to the standard output. A reader that has seen enough and went away is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_while_read(text).map(drop)
}

/// Prints human-readable text to standard output. Returns whether it is still being read.
pub(crate) fn print_while_read(text: &str) -> Result<bool, Failure> {
    write(&visible(text))
}

/// Prints text with colours. What functions and clients contributed to it must be [`visible`] already.
pub(crate) fn print_styled(text: &str) -> Result<(), Failure> {
    write(text).map(drop)
}

/// Prints data: exactly as it is, unless a terminal would obey it.
pub(crate) fn print_data(text: &str) -> Result<(), Failure> {
    let shown = if io::stdout().is_terminal() { visible(text) } else { Cow::Borrowed(text) };
    write(&shown).map(drop)
}

fn write(text: &str) -> Result<bool, Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Prints JSON that people can read, too.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    write_json(&text).map(drop)
}

/// Prints text that is JSON, with the end of its last line.
pub(crate) fn print_json_text(text: &str) -> Result<(), Failure> {
    write_json(text.trim_end()).map(drop)
}

/// Prints JSON on one line. Returns whether it is still being read.
pub(crate) fn print_json_line(value: &impl Serialize) -> Result<bool, Failure> {
    write_json(&serde_json::to_string(value).map_err(io::Error::other)?)
}

fn write_json(text: &str) -> Result<bool, Failure> {
    let shown = if io::stdout().is_terminal() { visible_json(text) } else { Cow::Borrowed(text) };
    write(&format!("{shown}\n"))
}

/// Text that is JSON as JSON, and other text as a string.
pub(crate) fn as_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}
