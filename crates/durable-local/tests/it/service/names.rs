//! Names: the same name with the same input is the same execution.

use std::sync::Arc;

use durable_local::ExecutionStart;
use serde_json::json;

use super::client::{Answer, Call, encoded};
use super::eventually::until;
use super::guest::Host;

fn named(name: &str, payload: &str) -> Call<'static> {
    Call::invoke(payload.as_bytes()).header("x-amz-durable-execution-name", name)
}

fn event(name: &str, payload: &str) -> Call<'static> {
    named(name, payload).header("x-amz-invocation-type", "Event")
}

fn is_taken(answer: &Answer) -> bool {
    let (status, error_type, fault, _) = answer.error();
    (status, error_type.as_str(), fault.as_str()) == (409, "DurableExecutionAlreadyStartedException", "User")
}

async fn paused(host: &Host, arn: &str) {
    let described = async || host.call(Call::on("GET", arn, "")).await.json();
    until("it is paused", async || described().await["Status"] == json!("PAUSED")).await;
}

#[tokio::test]
async fn without_a_name_every_invocation_is_a_new_execution() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let first = host.call(Call::invoke("1")).await.arn();
    let second = host.call(Call::invoke("1")).await.arn();

    assert_ne!(first, second);
}

#[tokio::test]
async fn an_unused_name_is_part_of_the_arn() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let arn = host.call(named("order-42", "1")).await.arn();

    assert!(arn.contains("/durable-execution/order-42/"), "{arn}");
    let execution = host.call(Call::on("GET", &arn, "")).await.json();
    assert_eq!(execution["DurableExecutionName"], json!("order-42"));
}

#[tokio::test]
async fn a_running_execution_is_found_again_and_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let first = host.call(event("a", "\"wait 1\"")).await;
    let second = host.call(named("a", "\"wait 1\"")).await;

    assert_eq!(second.arn(), first.arn());
    assert_eq!(second.json(), json!("waited"));
    assert_eq!(host.guest.invocations(), 2);
}

#[tokio::test]
async fn the_name_of_a_running_execution_is_taken_for_other_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    host.call(event("a", "\"hang\"")).await;

    let answer = host.call(event("a", "\"other\"")).await;

    assert!(is_taken(&answer));
}

#[tokio::test]
async fn a_closed_execution_answers_with_its_result_again() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let first = host.call(named("a", "[1]")).await;
    let second = host.call(named("a", "[1]")).await;

    assert_eq!((second.arn(), second.body), (first.arn(), first.body));
    assert_eq!(host.guest.invocations(), 1);
}

#[tokio::test]
async fn a_closed_execution_answers_with_its_error_again() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let first = host.call(named("a", "\"fail declined\"")).await;
    let second = host.call(named("a", "\"fail declined\"")).await;

    assert_eq!((second.arn(), &second.body), (first.arn(), &first.body));
    assert_eq!(second.header("x-amz-function-error"), Some("Unhandled"));
}

#[tokio::test]
async fn the_name_of_a_closed_execution_is_taken_for_other_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    host.call(named("a", "1")).await;

    let answer = host.call(named("a", "2")).await;

    assert!(is_taken(&answer));
}

#[tokio::test]
async fn the_name_of_an_imported_execution_is_taken_for_other_inputs() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (host, other) = (Host::start(folder.path()).await, Host::start(other.path()).await);
    let arn = host.call(named("a", "1")).await.arn();
    let mut record =
        host.call(Call::get(format!("/durable/executions/{}/record", encoded(&arn)))).await.json();
    record["input_digest"] = json!("what a file claims");
    let import = json!({ "record": record }).to_string();
    assert_eq!(other.call(Call::post("/durable/executions").body(import)).await.status, 201);

    assert_eq!(other.call(named("a", "1")).await.arn(), arn);
    assert!(is_taken(&other.call(named("a", "2")).await));
}

#[tokio::test]
async fn a_paused_execution_is_found_again_and_stays_paused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(event("a", "\"callback - -\"")).await.arn();
    host.call(Call::on("POST", &arn, "/pause")).await;
    paused(&host, &arn).await;

    let found = host.call(event("a", "\"callback - -\"")).await;
    let other = host.call(event("a", "1")).await;

    assert_eq!((found.status, found.arn()), (202, arn.clone()));
    assert!(is_taken(&other));
    assert_eq!(host.call(Call::on("GET", &arn, "")).await.json()["Status"], json!("PAUSED"));
    assert_eq!(host.guest.invocations(), 1);
}

#[tokio::test]
async fn whoever_waits_for_a_paused_execution_has_its_result_after_the_pause() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(event("a", "\"wait 2\"")).await.arn();
    host.call(Call::on("POST", &arn, "/pause")).await;

    let resumed = async {
        paused(&host, &arn).await;
        host.call(Call::on("POST", &arn, "/resume")).await
    };
    let (answer, resumed) = tokio::join!(host.call(named("a", "\"wait 2\"")), resumed);

    assert_eq!(resumed.status, 202);
    assert_eq!((answer.arn(), answer.json()), (arn, json!("waited")));
}

#[tokio::test]
async fn a_stopped_execution_answers_with_its_error_and_keeps_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(event("a", "\"hang\"")).await.arn();
    host.call(Call::on("POST", &arn, "/stop")).await;

    let again = host.call(named("a", "\"hang\"")).await;
    let other = host.call(event("a", "1")).await;

    assert_eq!((again.arn(), again.header("x-amz-function-error")), (arn, Some("Unhandled")));
    assert_eq!(again.json()["errorMessage"], json!("Execution stopped by user request"));
    assert!(is_taken(&other));
}

#[tokio::test]
async fn each_function_has_names_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start_guest(folder.path(), |guest, settings| {
        settings.with_function(guest.definition("order")).with_function(guest.definition("refund"))
    })
    .await;
    let refund = Call::post("/2015-03-31/functions/refund/invocations?Qualifier=%24LATEST").body("2");

    let first = host.call(named("a", "1")).await;
    let second = host.call(refund.header("x-amz-durable-execution-name", "a")).await;

    assert_eq!((first.status, second.status), (200, 200));
    assert!(second.arn().contains(":function:refund:"), "{}", second.arn());
}

#[tokio::test]
async fn a_running_execution_is_waited_for_again_in_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(event("a", "\"wait 1\"")).await.arn();
    host.shutdown().await;

    let host = Host::start(folder.path()).await;
    let answer = host.call(named("a", "\"wait 1\"")).await;

    assert_eq!((answer.arn(), answer.json()), (arn, json!("waited")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn starts_of_one_name_at_the_same_time_are_one_execution_invoked_once() {
    let folder = tempfile::tempdir().unwrap();
    let host = Arc::new(Host::start(folder.path()).await);

    for number in 0..100 {
        let name = format!("e{number}");
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let start =
                    ExecutionStart { execution_name: Some(name.clone()), ..ExecutionStart::new("order") };
                let host = Arc::clone(&host);
                tokio::spawn(async move { host.service().start_execution(start).await.unwrap() })
            })
            .collect();
        let mut begun = 0;
        for start in starts {
            let started = start.await.unwrap();
            begun += usize::from(!started.existed);
            host.service().wait_closed(&started.arn).await.unwrap();
        }
        assert_eq!(begun, 1, "{name}");
    }

    assert_eq!(host.guest.invocations(), 100);
    for execution in arns(&host).await {
        let history = host.call(Call::on("GET", &execution, "/history")).await.json();
        assert_eq!(history["Events"].as_array().unwrap().len(), 3, "{history}");
    }
}

async fn arns(host: &Host) -> Vec<String> {
    let list = host.call(Call::get("/2025-12-01/durable-executions?MaxItems=1000")).await.json();
    let executions = list["DurableExecutions"].as_array().unwrap();
    executions.iter().map(|it| it["DurableExecutionArn"].as_str().unwrap().to_owned()).collect()
}
