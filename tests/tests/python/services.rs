//! CloudWatch Logs and CloudFormation on the port of the local service, as AWS's conformance runner asks them.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::boto3::{python, serve};

#[test]
fn boto3_finds_the_logs_of_an_execution_and_the_functions_of_a_stack() {
    let Some(python) = python("boto3") else { return };
    let folder = TempDir::new().unwrap();
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let server = serve(folder.path(), "chatty", &scripts.join("chatty.py"));

    let output =
        Command::new(python).arg(scripts.join("services.py")).arg(server.endpoint()).output().unwrap();

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    let line = json!({ "executionArn": seen["arn"], "message": "hello", "level": "INFO" });
    assert_eq!(seen["found"], json!([line]), "the pattern finds JSON alone");
    assert_eq!(seen["times"], json!([true]));
    assert_eq!(seen["paged"], 2);
    assert_eq!(seen["resources"], json!([["AWS::Lambda::Function", "chatty", "chatty"]]));
    assert_eq!(seen["physical_id"], "chatty");
    assert_eq!(seen["deleted"], 200);
    let errors = ["ResourceNotFoundException", "InvalidParameterException", "ValidationError"];
    assert_eq!(seen["errors"], json!(errors));
}
