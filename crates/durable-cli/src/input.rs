//! The value of `--input`: a file, standard input, or JSON text.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use serde::de::IgnoredAny;

/// Reads the input of an execution from a command-line argument.
///
/// A file that exists is read, `-` is standard input, and everything else must be JSON.
pub(crate) fn read_input(argument: &str) -> Result<String, InputError> {
    let path = Path::new(argument);
    let (source, text) = if argument == "-" {
        let mut text = String::new();
        let read = io::stdin().read_to_string(&mut text);
        (Source::StandardInput, read.map(|_| text))
    } else if path.is_file() {
        (Source::File(path.to_owned()), fs::read_to_string(path))
    } else {
        (Source::Text(argument.to_owned()), Ok(argument.to_owned()))
    };
    match text {
        Ok(text) => checked(&text, source),
        Err(error) => Err(InputError::Unreadable(source, error)),
    }
}

fn checked(text: &str, source: Source) -> Result<String, InputError> {
    let text = text.trim();
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(InputError::Invalid(source, error)),
    }
}

/// The source of an input.
#[derive(Debug)]
pub(crate) enum Source {
    File(PathBuf),
    StandardInput,
    Text(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the file `{}`", path.display()),
            Self::StandardInput => f.write_str("standard input"),
            Self::Text(text) => write!(f, "`{text}`"),
        }
    }
}

/// The error of an invalid input.
#[derive(Debug)]
pub(crate) enum InputError {
    /// The input cannot be read.
    Unreadable(Source, io::Error),
    /// The input is not JSON.
    Invalid(Source, serde_json::Error),
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(source, error) => write!(f, "--input: {source} cannot be read: {error}"),
            Self::Invalid(source @ Source::Text(_), error) => {
                write!(f, "--input: {source} is neither a file that exists nor JSON: {error}")
            }
            Self::Invalid(source, error) => write!(f, "--input: {source} is not JSON: {error}"),
        }
    }
}

impl std::error::Error for InputError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("order.json");
        fs::write(&file, "{\"items\": [1, 2]}\n").unwrap();

        let input = read_input(file.to_str().unwrap()).unwrap();

        assert_eq!(input, "{\"items\": [1, 2]}");
    }

    #[test]
    fn everything_else_is_json_text() {
        assert_eq!(read_input("{\"id\": 7}").unwrap(), "{\"id\": 7}");
        assert_eq!(read_input(" null ").unwrap(), "null");
    }

    #[test]
    fn a_mistyped_file_name_is_named_in_the_error() {
        let error = read_input("order.jsn").unwrap_err().to_string();

        assert!(
            error.starts_with("--input: `order.jsn` is neither a file that exists nor JSON: expected value"),
            "{error}"
        );
    }

    #[test]
    fn a_file_that_is_not_json_is_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("order.json");
        fs::write(&file, "{\"items\": ").unwrap();

        let error = read_input(file.to_str().unwrap()).unwrap_err().to_string();

        assert!(error.contains("order.json` is not JSON: EOF while parsing"), "{error}");
    }
}
