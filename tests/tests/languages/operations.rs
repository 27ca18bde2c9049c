//! AWS's clients call every operation they know, with typed errors.

use serde_json::{Value, json};

use crate::language::Language;

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

    assert_eq!(Language::Node.drive("operations.mjs"), expected());
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

    assert_eq!(Language::Python.drive("operations.py"), expected);
}
