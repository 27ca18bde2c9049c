//! Errors that cross from one language into another.

use serde_json::{Value, json};

use crate::language::Language;
use crate::project::Project;

/// A language that functions are written in.
struct Speaker {
    /// A function that calls another, and tells how that fails.
    reporting: &'static str,
    /// A function that fails.
    failing: &'static str,
    /// Whether the SDK tells the types of errors of functions that it called.
    sees_types: bool,
    /// What it fails with.
    error: [&'static str; 2],
}

const RUST: Speaker = Speaker {
    reporting: "caller",
    failing: "caller",
    sees_types: true,
    error: ["Refusal", "Ada is refused by Rust"],
};
const PYTHON: Speaker = Speaker {
    reporting: "report-python",
    failing: "refuse-python",
    sees_types: true,
    error: ["LookupError", "Ada is refused by Python"],
};
const NODE: Speaker = Speaker {
    reporting: "report-node",
    failing: "refuse-node",
    sees_types: false,
    error: ["RangeError", "Ada is refused by Node.js"],
};

/// Lets functions of all languages call those that fail, and compares what they see.
fn assert_errors_cross(speakers: &[Speaker]) {
    let project = Project::serve();
    for caller in speakers {
        for called in speakers {
            let function = format!("{}:$LATEST", called.failing);

            let arn = project.start(caller.reporting, &json!({ "fails": function }));
            let execution = project.closed(&arn);

            assert_eq!(execution["Status"], "SUCCEEDED", "{execution}");
            let told: Value = serde_json::from_str(execution["Result"].as_str().unwrap()).unwrap();
            let [error_type, message] = called.error;
            assert_eq!(told["message"], message, "{}", caller.reporting);
            let seen = if caller.sees_types { json!(error_type) } else { Value::Null };
            assert_eq!(told["type"], seen, "{}", caller.reporting);
            assert_eq!(project.failed_calls(&arn), [error_type]);
            let name = Some(format!("call-{function}"));
            let expected = [
                ("ExecutionStarted".to_owned(), None),
                ("ChainedInvokeStarted".to_owned(), name.clone()),
                ("ChainedInvokeFailed".to_owned(), name),
                ("ExecutionSucceeded".to_owned(), None),
            ];
            assert_eq!(project.history(&arn), expected);
        }
    }
}

#[test]
fn an_error_of_a_python_function_reaches_rust_and_back() {
    if !Language::Python.is_missing() {
        assert_errors_cross(&[RUST, PYTHON]);
    }
}

#[test]
fn an_error_of_a_node_function_reaches_rust_and_back() {
    if !Language::Node.is_missing() {
        assert_errors_cross(&[RUST, NODE]);
    }
}

#[test]
fn an_error_of_a_python_function_reaches_node_and_back() {
    if !Language::Python.is_missing() && !Language::Node.is_missing() {
        assert_errors_cross(&[PYTHON, NODE]);
    }
}
