//! The spans at the seams of the service: their fields, and how they follow from each other.

use std::time::Duration;

use tokio::time::timeout;

use super::client::Call;
use super::guest::Host;
use super::log_tail;
use super::recorded_spans::{RecordedSpan, RecordedSpans};

/// Longer than any span of a test lasts.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until the end of an invocation is recorded and all spans have ended.
async fn until_ended(spans: &RecordedSpans) {
    let is_recorded = || {
        let closed = spans.closed();
        let end = closed.iter().find(|span| span.field("command") == Some("invocation_ended"));
        end.is_some_and(|end| closed.iter().any(|span| span.name == "commit" && span.follows_from(end)))
    };
    let ended = async {
        while spans.are_open() || !is_recorded() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, ended).await.unwrap_or_else(|_| panic!("{spans:#?}"));
}

fn commits_of(spans: &RecordedSpans, command: &RecordedSpan) -> usize {
    spans.closed().iter().filter(|span| span.name == "commit" && span.follows_from(command)).count()
}

#[tokio::test]
async fn a_request_is_the_parent_of_its_command_and_a_commit_follows_from_that() {
    let (spans, _guard) = RecordedSpans::begin();
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let arn = host.call(Call::invoke("\"steps 1\"")).await.arn();
    until_ended(&spans).await;

    let request = spans.only("request", "operation", "InvokeFunction");
    assert_eq!(request.target, "durable::request");
    assert_eq!(request.field("method"), Some("POST"));
    assert_eq!(request.field("status"), Some("200"));
    assert_eq!(
        request.fields(),
        ["duration_ms", "id", "method", "operation", "path", "status"],
        "the documented fields"
    );
    let start = spans.only("command", "command", "start");
    assert!(start.is_child_of(&request));
    assert_eq!(start.target, "durable::command");
    assert_eq!((start.field("execution"), start.field("function")), (Some(arn.as_str()), Some("order")));
    assert_eq!(start.field("outcome"), Some("ok"));
    assert_eq!(start.fields(), ["command", "duration_ms", "execution", "function", "outcome"]);
    assert_eq!(commits_of(&spans, &start), 1);
    let checkpoint =
        spans.closed().into_iter().find(|span| span.field("command") == Some("checkpoint")).unwrap();
    let requests = spans.closed();
    let of_checkpoint = requests.iter().find(|span| checkpoint.is_child_of(span)).unwrap();
    assert_eq!(of_checkpoint.field("operation"), Some("CheckpointDurableExecution"));
    assert_eq!(commits_of(&spans, &checkpoint), 1);
}

#[tokio::test]
async fn an_invocation_follows_from_the_command_that_caused_it() {
    let (spans, _guard) = RecordedSpans::begin();
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let arn = host.call(Call::invoke("1")).await.arn();
    until_ended(&spans).await;

    let (start, invocation) =
        (spans.only("command", "command", "start"), spans.only("invocation", "outcome", "answered"));
    assert_eq!(invocation.target, "durable::invocation");
    assert!(!invocation.has_parent(), "the request need not wait for it");
    assert!(invocation.follows_from(&start));
    assert_eq!(
        (invocation.field("execution"), invocation.field("function")),
        (Some(arn.as_str()), Some("order"))
    );
    assert_eq!(
        invocation.fields(),
        ["duration_ms", "execution", "function", "outcome", "queued_ms", "request_id"]
    );
    let end = spans.only("command", "command", "invocation_ended");
    assert!(end.is_child_of(&invocation));
    assert_eq!(end.field("execution"), Some(arn.as_str()));
    assert_eq!(commits_of(&spans, &end), 1);
}

#[tokio::test]
async fn a_commit_is_described_by_its_size_and_its_outcome() {
    let (spans, _guard) = RecordedSpans::begin();
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    host.call(Call::invoke("1")).await;
    until_ended(&spans).await;

    let start = spans.only("command", "command", "start");
    let commits = spans.closed();
    let commit = commits.iter().find(|span| span.name == "commit" && span.follows_from(&start)).unwrap();
    assert_eq!(commit.target, "durable::commit");
    assert!(!commit.has_parent(), "several commands share it");
    assert_eq!(commit.fields(), ["bytes", "duration_ms", "events", "outcome", "requests"]);
    assert_eq!((commit.field("requests"), commit.field("outcome")), (Some("1"), Some("committed")));
    assert!(commit.field("events").unwrap().parse::<u64>().unwrap() >= 1);
}

#[tokio::test]
async fn what_a_timer_causes_follows_from_it() {
    let (spans, _guard) = RecordedSpans::begin();
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    host.call(Call::invoke("\"wait 1\"")).await;
    until_ended(&spans).await;

    let spans = spans.closed();
    let timer = spans.iter().find(|span| span.field("command") == Some("timer")).unwrap();
    assert!(!timer.has_parent());
    assert!(spans.iter().any(|span| span.name == "commit" && span.follows_from(timer)), "{spans:#?}");
    let resumed = spans.iter().find(|span| span.name == "invocation" && span.follows_from(timer));
    assert_eq!(resumed.and_then(|span| span.field("outcome")), Some("answered"));
}

#[tokio::test]
async fn a_command_that_is_rejected_says_so_and_has_no_commit() {
    let (spans, _guard) = RecordedSpans::begin();
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(Call::invoke("1")).await.arn();
    until_ended(&spans).await;

    let body = r#"{"CheckpointToken":"made-up","Updates":[]}"#;
    let answer = host.call(Call::on("POST", &arn, "/checkpoint").body(body)).await;

    assert_eq!(answer.status, 400);
    let checkpoint = spans.only("command", "command", "checkpoint");
    assert_eq!(checkpoint.field("outcome"), Some("rejected"));
    assert_eq!(commits_of(&spans, &checkpoint), 0);
}

#[tokio::test]
async fn the_start_of_a_process_is_part_of_the_invocation_that_waits_for_it() {
    let (spans, _guard) = RecordedSpans::begin();
    let folder = tempfile::tempdir().unwrap();
    let service = log_tail::start(folder.path()).await;

    assert_eq!(log_tail::invoke(&service, "order", None).await.status, 200);
    until_ended(&spans).await;

    let (start, invocation) =
        (spans.only("process_start", "function", "order"), spans.only("invocation", "function", "order"));
    assert_eq!(start.target, "durable::process");
    assert!(start.is_child_of(&invocation));
    assert_eq!(start.fields(), ["duration_ms", "function", "log_stream", "outcome", "pid"]);
    assert_eq!(start.field("outcome"), Some("ready"));
    service.shutdown().await;
}
