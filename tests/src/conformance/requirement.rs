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

impl Case {
    /// The name of the function that meets it: ids alone are not unique, `11-1` is in two suites.
    pub fn function_name(&self) -> String {
        format!("{}-{}", self.suite, self.id)
    }

    /// Whether a word on the command line selects it: its suite, its id, or both, as in `serdes/11-1`.
    pub fn is_selected_by(&self, word: &str) -> bool {
        match word.split_once('/') {
            Some((suite, id)) => self.suite == suite && self.id == id,
            None => self.suite == word || self.id == word,
        }
    }
}

/// What an execution must do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Requirement {
    /// Whether an SDK may fail it and conform all the same. The only key that AWS writes in lower case.
    #[serde(default, rename = "optional")]
    pub(crate) is_optional: bool,
    #[serde(default)]
    pub(crate) async_invoke: bool,
    #[serde(default)]
    pub(crate) async_config: AsyncConfig,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) input: Value,
    #[serde(default)]
    pub(crate) callback_actions: Vec<CallbackAction>,
    #[serde(default)]
    pub(crate) expected_execution_history: Vec<Value>,
    pub(crate) expected_result: Option<ExpectedResult>,
    #[serde(default)]
    pub(crate) expected_logs: Vec<ExpectedLog>,
    /// What must be true of the spans, in the view of the suite.
    pub(crate) telemetry_assertions: Option<Value>,
    /// What must be true of the spans in the execution view, if the suite is about both views.
    pub(crate) execution_telemetry_assertions: Option<Value>,
}

/// How an execution that was started asynchronously is watched.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct AsyncConfig {
    pub(crate) poll_interval_seconds: u64,
    /// How long nothing may happen.
    pub(crate) no_progress_timeout_seconds: u64,
}

impl Default for AsyncConfig {
    fn default() -> Self {
        Self { poll_interval_seconds: 2, no_progress_timeout_seconds: 30 }
    }
}

/// How the execution must end.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ExpectedResult {
    pub(crate) execution_status: String,
    /// The result, decoded; a null that is written down is one, a missing one asserts nothing.
    #[serde(default, deserialize_with = "present")]
    pub(crate) result: Option<Value>,
    /// The error, as far as it is asserted.
    pub(crate) error: Option<Value>,
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

/// Reads every `<suite>/<id>.yaml` of some folders, or clones of AWS's repository, in the order of their numbers.
///
/// # Errors
/// If a folder cannot be read, a file is not a requirement, or two folders have a requirement of the same suite and id.
pub fn load(folders: &[PathBuf]) -> Result<Vec<Case>, LoadError> {
    let mut cases = BTreeMap::new();
    for folder in folders {
        let in_clone = folder.join(IN_CLONE);
        let folder = if in_clone.is_dir() { &in_clone } else { folder };
        for suite in list(folder)?.into_iter().filter(|path| path.is_dir()) {
            for file in list(&suite)?.into_iter().filter(|path| is_yaml(path)) {
                let case = Case { suite: stem(&suite), id: stem(&file), requirement: read(&file)? };
                if let Some(Case { suite, id, .. }) = cases.insert((numbers(&case.id), stem(&suite)), case) {
                    let problem = format!("{suite}/{id} is in more than one of the folders");
                    return Err(LoadError { path: file, problem });
                }
            }
        }
    }
    Ok(cases.into_values().collect())
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "yaml")
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
    fn how_an_execution_is_watched_is_read_as_far_as_it_is_given() {
        let requirement = parse("AsyncConfig: {NoProgressTimeoutSeconds: 90}\n").unwrap();

        let expected = AsyncConfig { poll_interval_seconds: 2, no_progress_timeout_seconds: 90 };
        assert_eq!(requirement.async_config, expected);
        assert_eq!(parse("Input: 1\n").unwrap().async_config, AsyncConfig::default());
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

            let cases = load(&[folder.path().to_owned()]).unwrap();

            let found: Vec<_> = cases.iter().map(Case::function_name).collect();
            assert_eq!(found, ["step-1-2"]);
        }
    }

    fn folder_with(suite: &str, id: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join(suite)).unwrap();
        std::fs::write(folder.path().join(suite).join(format!("{id}.yaml")), "Input: 1\n").unwrap();
        folder
    }

    #[test]
    fn requirements_of_several_folders_are_put_together_and_may_share_an_id() {
        let folders =
            [folder_with("serdes", "11-1"), folder_with("general", "11-1"), folder_with("map", "9-1")];

        let cases = load(&folders.each_ref().map(|folder| folder.path().to_owned())).unwrap();

        let found: Vec<_> = cases.iter().map(Case::function_name).collect();
        assert_eq!(found, ["map-9-1", "general-11-1", "serdes-11-1"]);
    }

    #[test]
    fn a_requirement_that_two_folders_have_is_an_error() {
        let folders = [folder_with("step", "1-1"), folder_with("step", "1-1")];

        let error = load(&folders.each_ref().map(|folder| folder.path().to_owned())).unwrap_err();

        assert!(error.to_string().contains("step/1-1 is in more than one"), "{error}");
    }

    #[test]
    fn a_case_is_selected_by_suite_by_id_or_by_both() {
        let case =
            Case { suite: "serdes".to_owned(), id: "11-1".to_owned(), requirement: parse("{}").unwrap() };

        for word in ["serdes", "11-1", "serdes/11-1"] {
            assert!(case.is_selected_by(word), "{word}");
        }
        for word in ["general", "1-1", "general/11-1", "serdes/1-1"] {
            assert!(!case.is_selected_by(word), "{word}");
        }
    }

    #[test]
    fn a_condensed_requirement_in_flow_style_is_read() {
        let text = "# handler: a comment in place of the key\noptional: true\nInput: {id: a, value: '${X}'}\n\
                    ExpectedResult: {ExecutionStatus: SUCCEEDED, Result: [a, 1, {b: c}]}\n\
                    ExpectedExecutionHistory:\n  - {EventId: 2, Details: {Payload: '\"a\"'}}\n";

        let requirement = parse(text).unwrap();

        assert!(requirement.is_optional);
        assert_eq!(requirement.input, json!({"id": "a", "value": "${X}"}));
        assert_eq!(requirement.expected_result.unwrap().result, Some(json!(["a", 1, {"b": "c"}])));
        let event = json!({"EventId": 2, "Details": {"Payload": "\"a\""}});
        assert_eq!(requirement.expected_execution_history, [event]);
    }

    #[test]
    fn ids_are_ordered_by_their_numbers() {
        let mut ids = ["10-1", "1-11", "1-2", "2-1"];

        ids.sort_by_key(|id| numbers(id));

        assert_eq!(ids, ["1-2", "1-11", "2-1", "10-1"]);
    }
}
