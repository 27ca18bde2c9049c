//! AWS's clients call every operation they know, with typed errors.

use serde_json::{Value, json};

use crate::language::Language;
use crate::project::Project;

/// What a script of the language saw, which drives a function of the same language.
fn drive(language: Language, script: &str) -> Value {
    let project = Project::serve();
    let function = format!("order-{}", language.word());
    let mut command = language.script(script);
    command.args([format!("http://{}", project.address), function]).arg(project.callback_file(language));

    let output = command.output().unwrap();

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What both clients must see.
fn expected() -> Value {
    let (invalid, not_found) =
        (json!(["InvalidParameterValueException", 400]), json!(["ResourceNotFoundException", 404]));
    let late = json!(["CallbackTimeoutException", 400]);
    json!({
        "dry_run": 204,
        "one": ["SUCCEEDED", "yes"],
        "attached": [200, true, [2, 4]],
        "paged": true,
        "two": ["FAILED", true],
        "three": ["STOPPED", "enough"],
        "listed": [["one", "SUCCEEDED"], ["three", "STOPPED"], ["two", "FAILED"]],
        "failed": [["two", "FAILED"]],
        "errors": {
            "taken": ["DurableExecutionAlreadyStartedException", 409],
            "unqualified": invalid,
            "unknown_function": not_found,
            "no_json": ["InvalidRequestContentException", 400],
            "unknown": not_found,
            "unknown_history": not_found,
            "stale_checkpoint": invalid,
            "stale_state": invalid,
            "unknown_stop": not_found,
            "late_callback": late,
            "late_failure": late,
            "late_heartbeat": late,
            "no_list": not_found,
        },
    })
}

#[test]
fn the_aws_sdk_for_javascript_drives_every_operation_it_knows() {
    if Language::Node.is_missing() {
        return;
    }

    assert_eq!(drive(Language::Node, "operations.mjs"), expected());
}

#[test]
fn boto3_drives_all_twelve_operations() {
    if Language::Python.is_missing() {
        return;
    }
    let mut expected = expected();
    let conflict = json!(["ResourceConflictException", 409]);
    expected["paused"] = "PAUSED".into();
    expected["resumed"] = "RUNNING".into();
    expected["errors"]["late_pause"] = conflict.clone();
    expected["errors"]["late_resume"] = conflict;
    expected["deleted"] = json!(["ResourceNotFoundException", 404]);

    assert_eq!(drive(Language::Python, "operations.py"), expected);
}
