//! Names: the same name with the same input is the same execution.

use serde_json::json;

use super::client::{Answer, Call};
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
async fn many_starts_of_one_name_at_once_make_one_execution() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let address = host.service().address();

    let calls: Vec<_> = (0..20).map(|_| tokio::spawn(named("a", "1").send(address))).collect();
    let mut arns = Vec::new();
    for call in calls {
        arns.push(call.await.unwrap().arn());
    }

    arns.dedup();
    assert_eq!(arns.len(), 1);
    assert_eq!(host.guest.invocations(), 1);
}
