//! Listing the executions of a function, over HTTP.

use durable_types::Timestamp;
use serde_json::{Value, json};

use super::client::{Answer, Call};
use super::eventually::until;
use super::guest::Host;

const LIST: &str = "/2025-12-01/functions/order/durable-executions";

async fn run(host: &Host, name: &str, task: &str) -> String {
    let call = Call::invoke(format!("\"{task}\"")).header("x-amz-durable-execution-name", name);
    host.call(call).await.arn()
}

async fn start(host: &Host, name: &str, task: &str) -> String {
    let call = Call::invoke(format!("\"{task}\"")).header("x-amz-durable-execution-name", name);
    host.call(call.header("x-amz-invocation-type", "Event")).await.arn()
}

async fn list(host: &Host, query: &str) -> Answer {
    host.call(Call::get(format!("{LIST}?{query}"))).await
}

async fn names(host: &Host, query: &str) -> Vec<String> {
    let page = list(host, query).await.json();
    let executions = page["DurableExecutions"].as_array().unwrap();
    executions.iter().map(|it| it["DurableExecutionName"].as_str().unwrap().to_owned()).collect()
}

/// A moment of an answer as clients write it into a query.
fn moment(seconds: &Value) -> String {
    let moment: Timestamp = serde_json::from_value(seconds.clone()).unwrap();
    moment.to_string().replace(':', "%3A")
}

#[tokio::test]
async fn an_execution_is_listed_with_what_there_is_to_know() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = run(&host, "a", "done").await;
    let described = host.call(Call::on("GET", &arn, "")).await.json();

    let listed = list(&host, "").await.json();

    let expected = json!({
        "DurableExecutionArn": arn,
        "DurableExecutionName": "a",
        "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST",
        "Status": "SUCCEEDED",
        "StartTimestamp": described["StartTimestamp"],
        "EndTimestamp": described["EndTimestamp"],
    });
    assert_eq!(listed, json!({ "DurableExecutions": [expected] }));
}

#[tokio::test]
async fn the_newest_execution_comes_first_unless_the_order_is_reversed() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    for name in ["a", "b", "c"] {
        run(&host, name, "done").await;
    }

    assert_eq!(names(&host, "").await, ["c", "b", "a"]);
    assert_eq!(names(&host, "ReverseOrder=false").await, ["c", "b", "a"]);
    assert_eq!(names(&host, "ReverseOrder=true").await, ["a", "b", "c"]);
}

#[tokio::test]
async fn pages_follow_each_other_in_both_orders() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    for name in ["a", "b", "c", "d", "e"] {
        run(&host, name, "done").await;
    }

    for (order, expected) in [("false", ["e", "d", "c", "b", "a"]), ("true", ["a", "b", "c", "d", "e"])] {
        let (mut found, mut sizes, mut marker) = (Vec::new(), Vec::new(), String::new());
        loop {
            let query = format!("MaxItems=2&ReverseOrder={order}&Marker={marker}");
            let page = names(&host, &query).await;
            sizes.push(page.len());
            found.extend(page);
            let answer = list(&host, &query).await.json();
            let Some(next) = answer["NextMarker"].as_str() else { break };
            marker = next.to_owned();
        }

        assert_eq!(found, expected);
        assert_eq!(sizes, [2, 2, 1]);
    }
}

#[tokio::test]
async fn every_filter_leaves_something_out() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    run(&host, "done", "done").await;
    run(&host, "failed", "fail declined").await;
    let arn = start(&host, "waits", "wait 600").await;
    let other = "/2015-03-31/functions/order/invocations?Qualifier=7";
    host.call(Call::post(other).body("1").header("x-amz-durable-execution-name", "seven")).await;
    let began = host.call(Call::on("GET", &arn, "")).await.json()["StartTimestamp"].clone();

    assert_eq!(names(&host, "Statuses=RUNNING").await, ["waits"]);
    assert_eq!(names(&host, "Statuses=FAILED&Statuses=RUNNING").await, ["waits", "failed"]);
    assert_eq!(names(&host, "Statuses=PAUSED").await, Vec::<String>::new());
    assert_eq!(names(&host, "DurableExecutionName=failed").await, ["failed"]);
    assert_eq!(names(&host, "Qualifier=7").await, ["seven"]);
    assert_eq!(names(&host, "Qualifier=live").await, ["waits", "failed", "done"]);
    assert_eq!(names(&host, "StartedAfter=2199-01-01T00%3A00%3A00Z").await, Vec::<String>::new());
    assert_eq!(names(&host, "StartedBefore=1999-01-01T00%3A00%3A00Z").await, Vec::<String>::new());
    let before = names(&host, &format!("StartedBefore={}", moment(&began))).await;
    assert!(!before.contains(&"waits".to_owned()) && !before.contains(&"seven".to_owned()), "{before:?}");
    let both = format!("StartedAfter={}&StartedBefore=2199-01-01T00%3A00%3A00Z", "1999-01-01T00%3A00%3A00Z");
    assert_eq!(names(&host, &both).await, ["seven", "waits", "failed", "done"]);
}

#[tokio::test]
async fn executions_are_found_by_how_their_names_or_ids_begin() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    for name in ["order-1", "order-2", "tax-1"] {
        run(&host, name, "done").await;
    }
    let arn = run(&host, "last", "done").await;
    let id = arn.rsplit('/').next().unwrap();

    let mut found = names(&host, "NameOrIdPrefix=order").await;
    found.sort();

    assert_eq!(found, ["order-1", "order-2"]);
    assert_eq!(names(&host, &format!("NameOrIdPrefix={}", &id[..20])).await, ["last"]);
    assert_eq!(names(&host, "NameOrIdPrefix=order&MaxItems=1").await.len(), 1);
    assert_eq!(names(&host, "NameOrIdPrefix=x").await, Vec::<String>::new());
    let all = host.call(Call::get("/2025-12-01/durable-executions?NameOrIdPrefix=tax")).await.json();
    assert_eq!(all["DurableExecutions"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_function_is_found_by_each_form_of_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    run(&host, "a", "done").await;

    for function in [
        "order",
        "order%3A%24LATEST",
        "000000000000%3Afunction%3Aorder",
        "arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Aorder",
    ] {
        let answer = host.call(Call::get(LIST.replace("order", function))).await;

        assert_eq!(answer.json()["DurableExecutions"].as_array().map(Vec::len), Some(1), "{function}");
    }
}

#[tokio::test]
async fn a_function_that_is_not_here_any_more_keeps_its_executions() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    run(&host, "a", "done").await;
    host.shutdown().await;
    let host = Host::start_guest(folder.path(), |_, settings| settings).await;

    assert_eq!(names(&host, "").await, ["a"]);
    let unknown = host.call(Call::get(LIST.replace("order", "nobody"))).await;
    let (status, error_type, _, message) = unknown.error();
    assert_eq!((status, error_type.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(message, "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody:$LATEST");
}

#[tokio::test]
async fn a_list_that_cannot_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let eleven = "Statuses=RUNNING&".repeat(11);

    for query in [
        "MaxItems=1001",
        "MaxItems=x",
        "Marker=x",
        "ReverseOrder=perhaps",
        "Statuses=DONE",
        "Statuses=",
        eleven.as_str(),
        "StartedAfter=yesterday",
        "StartedBefore=",
        "DurableExecutionName=a%20b",
        "Qualifier=a%20b",
    ] {
        let (status, error_type, ..) = list(&host, query).await.error();

        assert_eq!((status, error_type.as_str()), (400, "InvalidParameterValueException"), "{query}");
    }
    let differs = host.call(Call::get(LIST.replace("order", "order%3A1") + "?Qualifier=2")).await;
    assert_eq!(differs.status, 400);
}

#[tokio::test]
async fn an_ended_and_a_paused_execution_are_listed_as_such_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let stopped = start(&host, "stopped", "hang").await;
    host.call(Call::on("POST", &stopped, "/stop")).await;
    let paused = start(&host, "paused", "hang").await;
    host.call(Call::on("POST", &paused, "/pause")).await;
    assert_eq!(names(&host, "Statuses=PAUSING").await, ["paused"]);
    host.shutdown().await;

    let host = Host::start(folder.path()).await;
    until("it is paused", async || names(&host, "Statuses=PAUSED").await == ["paused"]).await;

    assert_eq!(names(&host, "Statuses=STOPPED").await, ["stopped"]);
}

#[tokio::test]
async fn an_execution_without_an_arn_is_not_taken_for_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    for method in ["GET", "DELETE"] {
        let answer = host.call(Call::new(method, "/2025-12-01/durable-executions/")).await;
        let (status, error_type, _, message) = answer.error();
        assert_eq!((status, error_type.as_str()), (400, "InvalidParameterValueException"), "{method}");
        assert!(message.starts_with("DurableExecutionArn: ``"), "{message}");
    }
    assert_eq!(host.call(Call::get("/2025-12-01/durable-executions")).await.status, 200);
}
