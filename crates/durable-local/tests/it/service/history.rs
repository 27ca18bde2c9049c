//! GetDurableExecution and GetDurableExecutionHistory.

use serde_json::{Value, json};

use super::client::Call;
use super::guest::Host;

async fn pages(host: &Host, arn: &str, query: &str) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut marker = String::new();
    loop {
        let rest = format!("/history?{query}{marker}");
        let page = host.call(Call::on("GET", arn, &rest)).await.json();
        pages.push(page["Events"].as_array().unwrap().clone());
        let Some(next) = page["NextMarker"].as_str() else { return pages };
        marker = format!("&Marker={}", next.replace(':', "%3A"));
    }
}

fn ids(pages: &[Vec<Value>]) -> Vec<u64> {
    pages.iter().flatten().map(|event| event["EventId"].as_u64().unwrap()).collect()
}

fn types(pages: &[Vec<Value>]) -> Vec<&str> {
    pages.iter().flatten().map(|event| event["EventType"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_execution_is_described() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(Call::invoke("[1]").header("x-amz-durable-execution-name", "a")).await.arn();

    let execution = host.call(Call::on("GET", &arn, "")).await.json();

    assert_eq!(execution["DurableExecutionArn"], json!(arn));
    assert_eq!(execution["DurableExecutionName"], json!("a"));
    assert_eq!(
        execution["FunctionArn"],
        json!("arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST")
    );
    assert_eq!(execution["Version"], json!("$LATEST"));
    assert_eq!(execution["Status"], json!("SUCCEEDED"));
    assert_eq!((&execution["InputPayload"], &execution["Result"]), (&json!("[1]"), &json!("[1]")));
    assert_eq!(execution["ExecutionDataIncluded"], json!(true));
    assert!(execution["StartTimestamp"].as_f64() <= execution["EndTimestamp"].as_f64());
}

#[tokio::test]
async fn execution_data_is_left_out_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(Call::invoke("\"steps 1\"")).await.arn();

    let execution = host.call(Call::on("GET", &arn, "?IncludeExecutionData=false")).await.json();
    let history = host.call(Call::on("GET", &arn, "/history?IncludeExecutionData=false")).await.json();

    assert_eq!((&execution["InputPayload"], &execution["Result"]), (&json!(null), &json!(null)));
    assert_eq!(execution["ExecutionDataIncluded"], json!(false));
    let events = history["Events"].as_array().unwrap();
    assert_eq!(events[0]["ExecutionStartedDetails"]["Input"], json!({"Truncated": true}));
    assert_eq!(events[2]["StepSucceededDetails"]["Result"], json!({"Truncated": true}));
    assert_eq!(events[2]["StepSucceededDetails"]["RetryDetails"], json!({"CurrentAttempt": 1}));
}

#[tokio::test]
async fn a_history_tells_everything_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(Call::invoke("\"steps 2\"")).await.arn();

    let events = pages(&host, &arn, "").await;

    let expected = [
        "ExecutionStarted",
        "StepStarted",
        "StepSucceeded",
        "StepStarted",
        "StepSucceeded",
        "InvocationCompleted",
        "ExecutionSucceeded",
    ];
    assert_eq!(types(&events), expected);
    assert_eq!(ids(&events), [1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test]
async fn a_history_is_read_page_by_page_from_either_end() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(Call::invoke("\"steps 60\"")).await.arn();
    let all: Vec<u64> = (1..=123).collect();

    let oldest_first = pages(&host, &arn, "MaxItems=50").await;
    let newest_first = pages(&host, &arn, "MaxItems=50&ReverseOrder=true").await;
    let default = pages(&host, &arn, "MaxItems=0").await;

    assert_eq!(oldest_first.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 23]);
    assert_eq!(ids(&oldest_first), all);
    assert_eq!(ids(&newest_first), all.iter().copied().rev().collect::<Vec<_>>());
    assert_eq!(default.iter().map(Vec::len).collect::<Vec<_>>(), [100, 23]);
}

#[tokio::test]
async fn a_history_longer_than_what_is_read_at_once_has_no_gap() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(Call::invoke("\"steps 400\"")).await.arn();
    let all: Vec<u64> = (1..=803).collect();

    let oldest_first = pages(&host, &arn, "MaxItems=1000").await;
    let newest_first = pages(&host, &arn, "MaxItems=700&ReverseOrder=true").await;

    assert_eq!(ids(&oldest_first), all);
    assert_eq!(ids(&newest_first), all.iter().copied().rev().collect::<Vec<_>>());
    let oldest_again: Vec<_> = newest_first.iter().flatten().rev().cloned().collect();
    assert_eq!(oldest_again, oldest_first.concat());
}

#[tokio::test]
async fn an_invented_marker_harms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(Call::invoke("1")).await.arn();

    for query in
        ["Marker=9%3A99999999", "Marker=9%3A99999999&ReverseOrder=true", "Marker=0%3A9&ReverseOrder=true"]
    {
        let answer = host.call(Call::on("GET", &arn, &format!("/history?{query}"))).await;
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(Call::invoke("1")).await.arn();

    for query in ["MaxItems=1001", "MaxItems=x", "Marker=x", "ReverseOrder=perhaps"] {
        let (status, error_type, ..) =
            host.call(Call::on("GET", &arn, &format!("/history?{query}"))).await.error();
        assert_eq!((status, error_type.as_str()), (400, "InvalidParameterValueException"), "{query}");
    }
}

#[tokio::test]
async fn an_unknown_execution_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST/durable-execution/a/b";

    for rest in ["", "/history"] {
        let (status, error_type, fault, message) = host.call(Call::on("GET", arn, rest)).await.error();
        assert_eq!((status, error_type.as_str(), fault.as_str()), (404, "ResourceNotFoundException", "User"));
        assert!(message.contains(arn), "{message}");
    }
}

#[tokio::test]
async fn an_arn_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let (status, error_type, _, message) = host.call(Call::on("GET", "order", "/history")).await.error();

    assert_eq!((status, error_type.as_str()), (400, "InvalidParameterValueException"));
    assert!(message.starts_with("DurableExecutionArn: `order` is not the ARN"), "{message}");
}
