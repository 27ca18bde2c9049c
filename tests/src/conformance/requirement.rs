//! A requirement as it stands in its file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A requirement of a suite.
#[derive(Clone, Debug)]
pub struct Case {
    /// The folder that the file is in.
    pub suite: String,
    /// The name of the file, such as `1-12`.
    pub id: String,
    pub(crate) requirement: Requirement,
}

/// What an execution must do.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Requirement {
    #[serde(default)]
    pub(crate) async_invoke: bool,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) input: Value,
    #[serde(default)]
    pub(crate) callback_actions: Vec<CallbackAction>,
    #[serde(default)]
    pub(crate) expected_execution_history: Vec<Value>,
    pub(crate) expected_result: Option<ExpectedResult>,
    #[serde(default)]
    pub(crate) expected_logs: Vec<ExpectedLog>,
}

/// How the execution must end.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ExpectedResult {
    pub(crate) execution_status: String,
    /// The result, decoded; a null that is written down is one, a missing one asserts nothing.
    #[serde(default, deserialize_with = "present")]
    pub(crate) result: Option<Value>,
}

/// What someone outside does with a callback.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CallbackAction {
    pub(crate) callback_name: String,
    pub(crate) operation: CallbackOperation,
    #[serde(default, deserialize_with = "present")]
    pub(crate) payload: Option<Value>,
    /// Seconds from when the callback is seen.
    #[serde(default)]
    pub(crate) delay: f64,
}

/// What can be done with a callback from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CallbackOperation {
    /// It succeeds.
    Success,
    /// It fails.
    Failure,
    /// Whoever is to answer still works on it.
    Heartbeat,
}

/// Records that must be among the logs, or must not.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct ExpectedLog {
    #[serde(rename = "match")]
    pub(crate) fields: BTreeMap<String, Value>,
    pub(crate) count: Option<usize>,
    pub(crate) min_count: Option<usize>,
    pub(crate) max_count: Option<usize>,
    #[serde(default)]
    pub(crate) after: Vec<BTreeMap<String, Value>>,
    #[serde(default)]
    pub(crate) before: Vec<BTreeMap<String, Value>>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Where the requirements are in a clone of AWS's repository.
const IN_CLONE: &str = "packages/aws-durable-execution-conformance-tests/test-requirements";

/// Reads every `<suite>/<id>.yaml` of a folder, or of a clone of AWS's repository, in the order of their numbers.
///
/// # Errors
/// If the folder cannot be read, or a file is not a requirement.
pub fn load(folder: &Path) -> Result<Vec<Case>, LoadError> {
    let in_clone = folder.join(IN_CLONE);
    let folder = if in_clone.is_dir() { &in_clone } else { folder };
    let mut cases = Vec::new();
    for suite in list(folder)?.into_iter().filter(|path| path.is_dir()) {
        for file in list(&suite)?.into_iter().filter(|path| path.extension().is_some_and(|it| it == "yaml")) {
            cases.push(Case { suite: stem(&suite), id: stem(&file), requirement: read(&file)? });
        }
    }
    cases.sort_by_key(|case| numbers(&case.id));
    Ok(cases)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let unreadable =
        |error: std::io::Error| LoadError { path: folder.to_owned(), problem: error.to_string() };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(unreadable)).collect()
}

fn read(file: &Path) -> Result<Requirement, LoadError> {
    let problem = |problem: String| LoadError { path: file.to_owned(), problem };
    let text = std::fs::read_to_string(file).map_err(|error| problem(error.to_string()))?;
    parse(&text).map_err(problem)
}

/// Words such as `y` are texts, as they are in YAML 1.2.
fn parse(text: &str) -> Result<Requirement, String> {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn numbers(id: &str) -> (Vec<u32>, String) {
    (id.split('-').filter_map(|number| number.parse().ok()).collect(), id.to_owned())
}

/// Why requirements could not be read.
#[derive(Debug)]
pub struct LoadError {
    path: PathBuf,
    problem: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.problem)
    }
}

impl std::error::Error for LoadError {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_requirement_is_read_with_what_it_leaves_out() {
        let requirement = parse("Input: y\nExpectedResult:\n  ExecutionStatus: SUCCEEDED\n").unwrap();

        assert_eq!(requirement.input, json!("y"));
        assert!(!requirement.async_invoke);
        assert_eq!(requirement.expected_result.unwrap().result, None);
        assert!(requirement.expected_logs.is_empty());
    }

    #[test]
    fn a_result_of_null_is_not_a_missing_one() {
        let requirement = parse("ExpectedResult:\n  ExecutionStatus: SUCCEEDED\n  Result: null\n").unwrap();

        assert_eq!(requirement.expected_result.unwrap().result, Some(Value::Null));
    }

    #[test]
    fn the_actions_on_callbacks_are_read() {
        let text = "CallbackActions:\n  - CallbackName: '*'\n    Operation: heartbeat\n";

        let requirement = parse(text).unwrap();

        let heartbeat = CallbackAction {
            callback_name: "*".to_owned(),
            operation: CallbackOperation::Heartbeat,
            payload: None,
            delay: 0.0,
        };
        assert_eq!(requirement.callback_actions, [heartbeat]);
    }

    #[test]
    fn requirements_are_found_in_a_folder_and_in_a_clone() {
        for place in ["step", &format!("{IN_CLONE}/step")] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(folder.path().join(place)).unwrap();
            std::fs::write(folder.path().join(place).join("1-2.yaml"), "Input: 1\n").unwrap();
            std::fs::write(folder.path().join(place).join("notes.md"), "no requirement").unwrap();

            let cases = load(folder.path()).unwrap();

            let found: Vec<_> = cases.iter().map(|case| (case.suite.as_str(), case.id.as_str())).collect();
            assert_eq!(found, [("step", "1-2")]);
        }
    }

    #[test]
    fn ids_are_ordered_by_their_numbers() {
        let mut ids = ["10-1", "1-11", "1-2", "2-1"];

        ids.sort_by_key(|id| numbers(id));

        assert_eq!(ids, ["1-2", "1-11", "2-1", "10-1"]);
    }
}
