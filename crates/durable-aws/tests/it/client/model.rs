//! The requests of the client beside those that botocore derives from AWS's model, where botocore is installed.

use std::env;
use std::io::Write as _;
use std::process::{Command, Stdio};

use durable_aws::Client;
use durable_core::types::{ExecutionStatus, Timestamp};
use serde_json::{Value, json};

use super::{ARN, client};
use crate::fake_service::{Answer, FakeService};

const CALLBACK: &str = "a/b+c=";
const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/client/model.py");

/// The request of a call, beside the parameters that botocore is given for it.
async fn call(operation: &str, parameters: Value, send: impl AsyncFnOnce(Client)) -> Value {
    let service = FakeService::replying([Answer::ok("{}")]).await;
    send(client(&service)).await;
    let request = service.requests().into_iter().next().unwrap();
    json!({
        "operation": operation,
        "parameters": parameters,
        "sent": {
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": request.headers,
            "body": request.body,
        },
    })
}

async fn calls() -> Vec<Value> {
    let execution = |client: &Client| client.execution::<()>(ARN);
    let arn = json!({ "DurableExecutionArn": ARN });
    let time = Timestamp::from_millis(1_767_323_045_000);
    vec![
        call(
            "Invoke",
            json!({
                "FunctionName": "order:live", "InvocationType": "Event", "DurableExecutionName": "o-17",
                "TenantId": "t 1", "Payload": "{\"id\":\"o\"}",
            }),
            async |client| {
                let start = client.start("order:live", &json!({"id": "o"}));
                drop(start.execution_name("o-17").tenant_id("t 1").await);
            },
        )
        .await,
        call(
            "Invoke",
            json!({"FunctionName": "order:live", "InvocationType": "RequestResponse", "Payload": "[1]"}),
            async |client| drop(client.invoke::<(), _>("order:live", &[1]).await),
        )
        .await,
        call("GetDurableExecution", json!({"DurableExecutionArn": ARN}), async |client| {
            drop(execution(&client).describe().await);
        })
        .await,
        call(
            "GetDurableExecutionHistory",
            json!({
                "DurableExecutionArn": ARN, "IncludeExecutionData": false, "ReverseOrder": true, "MaxItems": 10,
            }),
            async |client| {
                let history = execution(&client).history().include_execution_data(false);
                drop(history.reverse_order(true).max_items(10).await);
            },
        )
        .await,
        call(
            "ListDurableExecutionsByFunction",
            json!({
                "FunctionName": "order", "Qualifier": "live", "DurableExecutionName": "o-17",
                "Statuses": ["RUNNING", "FAILED"], "StartedAfter": "2026-01-02T03:04:05Z",
                "StartedBefore": "2026-01-02T03:04:05Z", "ReverseOrder": true, "MaxItems": 7,
            }),
            async |client| {
                let list = client.executions("order").qualifier("live").execution_name("o-17");
                let list = list.status(ExecutionStatus::Running).status(ExecutionStatus::Failed);
                let list = list.started_after(time).started_before(time);
                drop(list.reverse_order(true).max_items(7).await);
            },
        )
        .await,
        call(
            "StopDurableExecution",
            json!({
                "DurableExecutionArn": ARN, "Error": {"ErrorType": "Error", "ErrorMessage": "cancelled"},
            }),
            async |client| drop(execution(&client).stop().error("cancelled").await),
        )
        .await,
        call("ResumeDurableExecution", arn.clone(), async |client| drop(execution(&client).resume().await)).await,
        call("DeleteDurableExecution", arn, async |client| drop(execution(&client).delete().await)).await,
        call(
            "PauseDurableExecution",
            json!({"DurableExecutionArn": ARN, "Reason": "maintenance", "ExecutionTimeoutPaused": true}),
            async |client| {
                drop(execution(&client).pause().reason("maintenance").execution_timeout_paused(true).await);
            },
        )
        .await,
        call(
            "SendDurableExecutionCallbackSuccess",
            json!({"CallbackId": CALLBACK, "Result": "[1,2]"}),
            async |client| drop(client.callback(CALLBACK).succeed(&[1, 2]).await),
        )
        .await,
        call(
            "SendDurableExecutionCallbackFailure",
            json!({"CallbackId": CALLBACK, "Error": {"ErrorType": "Error", "ErrorMessage": "rejected"}}),
            async |client| drop(client.callback(CALLBACK).fail("rejected").await),
        )
        .await,
        call("SendDurableExecutionCallbackHeartbeat", json!({"CallbackId": CALLBACK}), async |client| {
            drop(client.callback(CALLBACK).heartbeat().await);
        })
        .await,
    ]
}

fn is_required() -> bool {
    env::var_os("DURABLE_TEST_REQUIRES_PYTHON").is_some()
}

/// What the script prints, or `None` if botocore is not installed and not required.
fn compared(calls: &[Value]) -> Option<Value> {
    let python = || Command::new(env::var("DURABLE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned()));
    let is_installed =
        python().args(["-c", "import botocore"]).output().is_ok_and(|output| output.status.success());
    if !is_installed {
        assert!(!is_required(), "botocore is required");
        println!("skipped: botocore is missing");
        return None;
    }
    let mut script =
        python().arg(MODEL).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python starts");
    script.stdin.take().unwrap().write_all(json!(calls).to_string().as_bytes()).unwrap();
    let output = script.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[tokio::test]
async fn requests_are_what_the_model_of_aws_says() {
    let calls = calls().await;

    let Some(compared) = compared(&calls) else { return };

    assert_eq!(compared["differences"], json!([]), "{compared:#}");
    if is_required() {
        assert_eq!(compared["compared"], calls.len());
    }
}
