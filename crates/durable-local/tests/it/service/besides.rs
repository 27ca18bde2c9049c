//! What tools ask besides the Lambda API, on the same port.

use serde_json::json;

use super::client::Call;
use super::guest::Host;

#[tokio::test]
async fn the_sam_command_line_starts_executions() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let start = |name: &str, function: &str| {
        let body = json!({
            "AccountId": "000000000000",
            "FunctionName": function,
            "FunctionQualifier": "$LATEST",
            "ExecutionName": name,
            "ExecutionTimeoutSeconds": 60,
            "ExecutionRetentionPeriodDays": 1,
            "Input": "\"steps 1\"",
            "LambdaEndpoint": "http://127.0.0.1:3001",
        });
        Call::post("/start-durable-execution").body(body.to_string())
    };

    let started = host.call(start("by-sam", "order")).await;
    let unknown = host.call(start("other", "no-such")).await;

    assert_eq!(started.status, 201);
    let arn = started.json()["ExecutionArn"].as_str().unwrap().to_owned();
    assert!(arn.contains(":function:order:$LATEST/durable-execution/by-sam/"), "{arn}");
    let execution = host.call(Call::on("GET", &arn, "")).await.json();
    assert_eq!(execution["InputPayload"], "\"steps 1\"");
    assert_eq!(
        (unknown.status, unknown.header("x-amzn-errortype")),
        (404, Some("ResourceNotFoundException"))
    );
}

#[tokio::test]
async fn a_request_of_another_aws_service_is_told_that_it_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let target =
        host.call(Call::post("/").header("x-amz-target", "DynamoDB_20120810.GetItem").body("{}")).await;
    let action = host.call(Call::post("/").body("Action=CreateStack&StackName=<a>")).await;
    let nothing = host.call(Call::post("/")).await;
    let health = host.call(Call::get("/health")).await;

    assert_eq!((target.status, target.header("x-amzn-errortype")), (404, Some("UnknownOperationException")));
    assert_eq!(action.status, 400);
    assert!(String::from_utf8_lossy(&action.body).contains("<Code>InvalidAction</Code>"));
    assert_eq!((nothing.status, health.status), (404, 200));
}
