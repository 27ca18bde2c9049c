//! Where the file of a value is, relative to the folder of all files.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};

use durable_types::DurableExecutionArn;

use super::failure::Failure;
use crate::SerdesContext;

/// The longest part of a path that every file system takes, with room for a prefix and a suffix.
const MAX_PART: usize = 200;

/// The path of a file, relative to the folder of all files, with `/` between its parts.
///
/// # Invariants
/// - Its parts hold ASCII letters, digits, `-`, `_` and `%` alone, and the last ends with `.json`. So it neither begins
///   at a root nor climbs out of the folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference(String);

impl Reference {
    /// A path that no other value has: `function/execution name/execution id/operation-chance.json`.
    pub(super) fn unique(context: SerdesContext<'_>) -> Self {
        let folders = folders(context.execution_arn());
        let operation = encode(&context.operation_id());
        Self(format!("{folders}/{operation}-{:016x}{:016x}.json", chance(), chance()))
    }

    /// Reads the path that a record tells of.
    ///
    /// # Errors
    /// If it is not one that [`unique`](Self::unique) makes.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(is_plain);
        let (folders, name) = text.rsplit_once('/').unwrap_or_default();
        let name = name.strip_suffix(".json").unwrap_or_default();
        if is_part(name) && folders.split('/').all(is_part) {
            return Ok(Self(text.to_owned()));
        }
        let problem = format!(
            "the file `{}` is refused: it is not one that this serdes could have written",
            text.escape_debug()
        );
        Err(Failure::new(problem))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the file is, given the folder of all files.
    pub(super) fn path(&self, base: &Path) -> PathBuf {
        let mut path = base.to_owned();
        path.extend(self.0.split('/'));
        path
    }

    /// Where the file is before it is whole, in the same folder.
    pub(super) fn temporary_path(&self, base: &Path) -> PathBuf {
        let mut path = self.path(base);
        let name = self.0.rsplit('/').next().unwrap_or_default();
        path.set_file_name(format!(".{name}.tmp"));
        path
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The folders of an execution: its function, its name and its id, as far as its ARN tells them.
fn folders(arn: &str) -> String {
    match arn.parse::<DurableExecutionArn>() {
        Ok(arn) => [arn.function_name(), arn.execution_name(), arn.execution_id()].map(encode).join("/"),
        Err(_) => encode(arn),
    }
}

/// A part of a path that stands for a text; for a long one, several.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    let mut length = 0;
    for byte in text.bytes() {
        if length >= MAX_PART {
            encoded.push('/');
            length = 0;
        }
        if is_plain(byte) && byte != b'%' {
            encoded.push(char::from(byte));
            length += 1;
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
            length += 3;
        }
    }
    if encoded.is_empty() { "%".to_owned() } else { encoded }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'%')
}

/// A number that nobody can foresee: the keys of a hasher come from the operating system.
fn chance() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_has_folders_for_its_function_its_name_and_its_id() {
        let arn =
            "arn:aws:lambda:eu-west-1:123456789012:function:order:$LATEST/durable-execution/order-42/0b1c";

        assert_eq!(folders(arn), "order/order-42/0b1c");
    }

    #[test]
    fn an_arn_of_another_kind_is_a_folder_as_a_whole() {
        assert_eq!(folders("local:../etc"), "local%3A%2E%2E%2Fetc");
        assert_eq!(folders(""), "%");
    }

    #[test]
    fn a_long_text_becomes_parts_that_every_file_system_takes() {
        let encoded = encode(&"é".repeat(100));

        assert!(encoded.split('/').all(|part| part.len() <= MAX_PART + 3), "{encoded}");
        assert_eq!(encoded.replace('/', "").len(), 600);
    }

    #[test]
    fn paths_that_climb_or_begin_at_a_root_are_refused() {
        let hostile = [
            "../secret.json",
            "order/../../secret.json",
            "/etc/passwd",
            "/etc/secret.json",
            "order//secret.json",
            "order/./secret.json",
            "order\\..\\secret.json",
            "C:/secret.json",
            "order/run/.hidden.json",
            "order/run/secret.txt",
            "secret.json",
            "order/se\0cret.json",
            ".json",
            "",
        ];

        for text in hostile {
            let refused = Reference::parse(text).unwrap_err();
            assert!(refused.to_string().contains("refused"), "{text}: {refused}");
        }
    }

    #[test]
    fn a_path_that_this_serdes_makes_reads_back() {
        let path = format!("{}/{}-{:016x}.json", folders("a b"), encode("x.y"), chance());

        assert_eq!(Reference::parse(&path).unwrap().as_str(), path);
    }
}
