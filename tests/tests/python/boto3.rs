//! An execution that boto3 starts, in both ways, and reads.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use durable_tests::serving::Served;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(super) const ORDER: &str =
    r#"{ "id": "o-1", "items": [{ "name": "lamp", "price_cents": 4900 }], "settle_seconds": 1 }"#;

/// Returns a Python that has a package.
pub(super) fn python(package: &str) -> Option<String> {
    let python = env::var("DURABLE_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let imported =
        Command::new(&python).args(["-c", &format!("import {package}")]).stderr(Stdio::null()).status();
    if imported.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    assert!(
        env::var_os("DURABLE_TEST_REQUIRES_PYTHON").is_none(),
        "{python} with {package} is required, but missing"
    );
    println!("skipped: {python} with {package} is missing");
    None
}

/// `durable dev` of one function.
pub(super) fn serve(folder: &Path, name: &str, program: &Path) -> Served {
    let mut command = Command::new(env!("CARGO_BIN_EXE_durable-under-test"));
    command.args(["dev", name, "--port", "0", "--executable"]).arg(program).arg("--folder").arg(folder);
    Served::start(command, drop).unwrap()
}

#[test]
fn boto3_starts_executions_in_both_ways_and_reads_their_status_and_history() {
    let Some(python) = python("boto3") else { return };
    let folder = TempDir::new().unwrap();
    let server = serve(folder.path(), "order", Path::new(env!("CARGO_BIN_EXE_order-under-test")));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/drive.py");

    let output = Command::new(python).arg(script).args([&server.endpoint(), ORDER]).output().unwrap();

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_synchronous(&seen["synchronous"]);
    assert_eq!(seen["asynchronous"], json!({ "status_code": 202, "payload": "" }));
    assert_eq!(seen["execution"]["status"], "SUCCEEDED");
    assert_eq!(seen["execution"]["name"], "by-event");
    assert_eq!(seen["execution"]["result"], seen["synchronous"]["result"]);
    assert!(seen["execution"]["seconds"].as_f64().unwrap() >= 1.0, "it waits for a second");
    assert_history(&seen);
    assert_errors(&seen["errors"]);
}

fn assert_synchronous(seen: &Value) {
    assert_eq!(seen["status_code"], 200);
    assert_eq!(seen["version"], "$LATEST");
    assert_eq!(seen["result"]["charge"], json!({ "id": "charge-o-1", "amount_cents": 4900 }));
    let arn = seen["arn"].as_str().unwrap();
    assert!(arn.parse::<durable_types::DurableExecutionArn>().is_ok(), "{arn}");
}

fn assert_history(seen: &Value) {
    let events = seen["events"].as_array().unwrap();
    let told: Vec<String> = events
        .iter()
        .map(|event| format!("{} {}", event[1].as_str().unwrap(), event[2].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(
        told.iter().map(|line| line.trim_end()).collect::<Vec<_>>(),
        [
            "ExecutionStarted",
            "StepStarted reserve",
            "StepSucceeded reserve",
            "StepStarted charge",
            "StepSucceeded charge",
            "WaitStarted settle",
            "InvocationCompleted",
            "WaitSucceeded settle",
            "ContextStarted ship",
            "StepStarted pack",
            "StepSucceeded pack",
            "StepStarted label",
            "StepSucceeded label",
            "ContextSucceeded ship",
            "InvocationCompleted",
            "ExecutionSucceeded",
        ]
    );
    let ids: Vec<_> = (1..=told.len()).collect();
    assert_eq!(seen["paged"], json!(ids), "pages of three hold every event once, in order");
}

fn assert_errors(errors: &Value) {
    let unqualified = &errors["unqualified"];
    assert_eq!(unqualified["class"], "InvalidParameterValueException");
    let message = "You cannot invoke a durable function using an unqualified ARN.";
    assert_eq!((&unqualified["message"], &unqualified["status"]), (&json!(message), &json!(400)));
    for error in [&errors["unknown_function"], &errors["unknown_execution"]] {
        assert_eq!(error["class"], "ResourceNotFoundException", "{error}");
        assert_eq!(error["status"], 404);
    }
}
