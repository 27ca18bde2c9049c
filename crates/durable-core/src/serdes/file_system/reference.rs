//! The path of a value's file, relative to the folder of all files.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};

use durable_types::DurableExecutionArn;

use super::failure::Failure;
use crate::serdes::context::SerdesContext;
use crate::serdes::payload_kind::PayloadKind;

/// The longest path component that every file system accepts, with room for a prefix and a suffix.
const MAX_PART: usize = 200;

/// The owner of the payload in a file.
#[derive(Debug)]
pub(super) struct Owner<'a> {
    pub(super) execution_arn: &'a str,
    /// The operation and the kind of payload, as written by AWS's SDKs.
    pub(super) entity_id: String,
}

impl<'a> Owner<'a> {
    pub(super) fn of(context: SerdesContext<'a>) -> Self {
        let entity_id = match context.payload_kind() {
            PayloadKind::Output => "execution/output".to_owned(),
            PayloadKind::Result => format!("operation/{}/result", context.operation_id()),
            PayloadKind::State => format!("operation/{}/state", context.operation_id()),
            PayloadKind::InvokePayload => format!("operation/{}/invoke-payload", context.operation_id()),
        };
        Self { execution_arn: context.execution_arn(), entity_id }
    }
}

/// The path of a file relative to the folder of all files, with `/` as separator.
///
/// # Invariants
/// - Its components contain only ASCII letters, digits, `-`, `_` and `%`, and the last one ends with `.payload` or
///   `.json`. So the path is never absolute and never leads out of the folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference(String);

impl Reference {
    /// Returns a path that no other file has: `function/execution name/execution id/entity-digest-unique.payload`.
    pub(super) fn unique(owner: &Owner<'_>, digest: &str) -> Self {
        Self(format!("{}{:016x}{:016x}.payload", prefix(owner, digest), chance(), chance()))
    }

    /// Parses the path in a record.
    ///
    /// Everything before the folders of the execution is ignored, so that the folder of all files can be mounted
    /// elsewhere.
    ///
    /// # Errors
    /// Returns an error unless [`unique`](Self::unique) returns such a path for this owner and digest.
    pub(super) fn recorded(file: &str, owner: &Owner<'_>, digest: &str) -> Result<Self, Failure> {
        let separated = if cfg!(windows) { file.replace('\\', "/") } else { file.to_owned() };
        let prefix = prefix(owner, digest);
        let unique = separated.rsplit_once(&format!("/{prefix}")).map(|(_, unique)| unique);
        let is_ours = |unique: &&str| unique.strip_suffix(".payload").is_some_and(is_part);
        match unique.filter(is_ours) {
            Some(unique) if is_part(digest) => Ok(Self(format!("{prefix}{unique}"))),
            Some(_) | None => Err(refused(file)),
        }
    }

    /// Parses the path in a record of the previous format.
    ///
    /// # Errors
    /// Returns an error unless the path has the form `folders/name.json` that this serdes wrote.
    pub(super) fn previous(text: &str) -> Result<Self, Failure> {
        let (folders, name) = text.rsplit_once('/').unwrap_or_default();
        let name = name.strip_suffix(".json").unwrap_or_default();
        if is_part(name) && folders.split('/').all(is_part) {
            return Ok(Self(text.to_owned()));
        }
        Err(refused(text))
    }

    /// Returns the path of the file, given the folder of all files.
    pub(super) fn path(&self, base: &Path) -> PathBuf {
        let mut path = base.to_owned();
        path.extend(self.0.split('/'));
        path
    }

    /// Returns the path of the file while it is being written, in the same folder.
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

/// Returns the path of a file without the part that makes it unique.
fn prefix(owner: &Owner<'_>, digest: &str) -> String {
    format!("{}/{}-{digest}-", folders(owner.execution_arn), encode(&owner.entity_id))
}

fn is_part(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(is_plain)
}

fn refused(file: &str) -> Failure {
    let file = file.escape_debug();
    Failure::new(format!("the file `{file}` is refused: it is not one that this serdes could have written"))
}

/// Returns the folders of an execution: its function, name and id if its ARN can be parsed, otherwise the encoded ARN.
fn folders(arn: &str) -> String {
    match arn.parse::<DurableExecutionArn>() {
        Ok(arn) => [arn.function_name(), arn.execution_name(), arn.execution_id()].map(encode).join("/"),
        Err(_) => encode(arn),
    }
}

/// Encodes a text as a path component; a long text as several.
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

/// Returns an unpredictable number: the keys of a hasher come from the operating system.
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

    fn owner() -> Owner<'static> {
        let execution_arn =
            "arn:aws:lambda:eu-west-1:123456789012:function:order:$LATEST/durable-execution/order-42/0b1c";
        Owner { execution_arn, entity_id: "operation/abc/result".to_owned() }
    }

    #[test]
    fn paths_of_the_previous_format_that_climb_or_begin_at_a_root_are_refused() {
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
            let refused = Reference::previous(text).unwrap_err();
            assert!(refused.to_string().contains("refused"), "{text}: {refused}");
        }
    }

    #[test]
    fn a_path_of_the_previous_format_reads_back() {
        let path = format!("{}/{}-{:016x}.json", folders("a b"), encode("x.y"), chance());

        assert_eq!(Reference::previous(&path).unwrap(), Reference(path));
    }

    #[test]
    fn a_path_reads_back_wherever_the_folder_of_all_files_is() {
        let reference = Reference::unique(&owner(), "d1");

        for base in ["/mnt/durable", "", "/a/../b"] {
            let recorded = Reference::recorded(&format!("{base}/{reference}"), &owner(), "d1");
            assert_eq!(recorded.unwrap(), reference, "{base}");
        }
    }

    #[test]
    fn paths_that_are_not_of_the_owner_and_the_digest_are_refused() {
        let entity = "operation%2Fabc%2Fresult";
        let hostile = [
            "/etc/passwd".to_owned(),
            format!("/order/order-42/0b1c/{entity}-d2-1.payload"),
            format!("/order/order-42/0b1d/{entity}-d1-1.payload"),
            "/order/order-42/0b1c/operation%2Fabd%2Fresult-d1-1.payload".to_owned(),
            format!("/order/order-42/0b1c/{entity}-d1-1.json"),
            format!("/order/order-42/0b1c/{entity}-d1-.payload"),
            format!("/order/order-42/0b1c/{entity}-d1-1/../../secret.payload"),
            format!("/order/order-42/0b1c/{entity}-d1-..payload"),
            String::new(),
        ];

        for path in hostile {
            let refused = Reference::recorded(&path, &owner(), "d1").unwrap_err();
            assert!(refused.to_string().contains("refused"), "{path}: {refused}");
        }
        let climbing = format!("/order/order-42/0b1c/{entity}-../../d1-1.payload");
        assert!(Reference::recorded(&climbing, &owner(), "../../d1").is_err());
    }
}
