//! The runtime and the output of commands.

use std::borrow::Cow;
use std::future::Future;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::visible::{visible, visible_json};

/// Runs a command on a single-threaded runtime.
pub(crate) fn block_on<T>(command: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(command)
}

/// Prints human-readable text to standard output. A reader that closes the pipe is not an error.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_while_read(text).map(drop)
}

/// Prints human-readable text to standard output. Returns whether it is still being read.
pub(crate) fn print_while_read(text: &str) -> Result<bool, Failure> {
    write(&visible(text))
}

/// Prints text with colours. The parts that come from functions and clients must be [`visible`] already.
pub(crate) fn print_styled(text: &str) -> Result<(), Failure> {
    write(text).map(drop)
}

/// Prints data unchanged, except for characters that would control a terminal.
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

/// Prints indented JSON.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    write_json(&text).map(drop)
}

/// Prints JSON text and a line break.
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

/// Parses JSON text. Other text becomes a JSON string.
pub(crate) fn as_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}
