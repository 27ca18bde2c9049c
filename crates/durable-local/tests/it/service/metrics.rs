//! The metrics of the service.

use durable_local::{FunctionDefinition, LocalService, Settings};
use serde_json::json;

use super::client::Call;
use super::guest::Host;
use super::log_tail;

const SECRET: &str = "a-long-shared-secret";

/// The value of a time series, named with its labels.
#[track_caller]
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')));
    let line = line.unwrap_or_else(|| panic!("no {series} in {text}"));
    line.rsplit_once(' ').unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn executions_invocations_and_commits_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    assert_eq!(host.call(Call::invoke("\"steps 3\"")).await.status, 200);
    host.call(Call::invoke("\"fail no money\"")).await;

    let text = host.service().metrics();
    let count = |series: &str| value(&text, series);
    assert_eq!(count(r#"durable_executions_started_total{function="order"}"#), 2.0);
    assert_eq!(count(r#"durable_executions_ended_total{function="order",status="SUCCEEDED"}"#), 1.0);
    assert_eq!(count(r#"durable_executions_ended_total{function="order",status="FAILED"}"#), 1.0);
    assert_eq!(count("durable_executions_running"), 0.0);
    assert_eq!(count(r#"durable_invocations_total{function="order",outcome="answered"}"#), 2.0);
    assert_eq!(count(r#"durable_invocations_in_flight{function="order"}"#), 0.0);
    assert_eq!(count(r#"durable_invocations_queued{function="order"}"#), 0.0);
    assert_eq!(count(r#"durable_invocation_duration_seconds_count{function="order"}"#), 2.0);
    assert_eq!(count(r#"durable_commands_total{command="start"}"#), 2.0);
    assert!(count(r#"durable_commands_total{command="checkpoint"}"#) >= 1.0);
    let commits = count("durable_store_commits_total");
    assert!(commits >= 4.0, "{commits}");
    assert_eq!(count("durable_store_commit_duration_seconds_count"), commits);
    assert!(count("durable_store_commit_events_sum") > commits, "a commit holds several events");
    assert!(count("durable_store_written_bytes_total") > 100.0);
    assert_eq!(count("durable_store_queue_length"), 0.0);
    assert_eq!(count("durable_log_queue_lines"), 0.0);
}

#[tokio::test]
async fn an_execution_that_waits_is_running_and_has_a_timer() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let call = Call::invoke("\"wait 3600\"").header("x-amz-invocation-type", "Event");
    assert_eq!(host.call(call).await.status, 202);

    let text = host.service().metrics();
    assert_eq!(value(&text, "durable_executions_running"), 1.0);
    assert_eq!(value(&text, "durable_timers"), 1.0);
}

#[tokio::test]
async fn requests_are_counted_by_operation_and_class_of_status() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    host.call(Call::invoke("1")).await;
    host.call(Call::invoke("not JSON")).await;
    host.call(Call::get("/nothing/here")).await;
    host.call(Call::get("/metrics").header("host", "other.machine")).await;

    let answer = host.call(Call::get("/metrics")).await;

    let text = String::from_utf8(answer.body.clone()).unwrap();
    let requests = |operation: &str, status: &str| {
        let labels = format!("operation=\"{operation}\",status=\"{status}\"");
        value(&text, &format!("durable_http_requests_total{{{labels}}}"))
    };
    assert_eq!((requests("InvokeFunction", "2xx"), requests("InvokeFunction", "4xx")), (1.0, 1.0));
    assert_eq!(requests("(none)", "4xx"), 2.0);
    assert_eq!(value(&text, r#"durable_http_requests_in_flight{operation="Metrics"}"#), 1.0);
    assert_eq!(
        value(&text, r#"durable_http_request_duration_seconds_count{operation="InvokeFunction"}"#),
        2.0
    );
    assert!(value(&text, "durable_http_connections") >= 1.0);
    assert_eq!(value(&text, "durable_body_bytes"), 0.0);
}

#[tokio::test]
async fn the_client_chooses_the_format() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let plain = host.call(Call::get("/metrics")).await;
    let open = Call::get("/metrics").header("accept", "application/openmetrics-text;version=1.0.0");
    let open = host.call(open).await;

    assert_eq!(plain.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(open.header("content-type"), Some(content_type));
    let text = |answer: &super::client::Answer| String::from_utf8(answer.body.clone()).unwrap();
    assert!(text(&plain).contains("# TYPE durable_store_commits_total counter\n"));
    assert!(text(&open).contains("# TYPE durable_store_commits counter\n"));
    assert!(text(&open).ends_with("# EOF\n") && !text(&plain).contains("# EOF"));
}

#[tokio::test]
async fn metrics_are_guarded_like_every_other_request() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start_with(folder.path(), |mut settings| {
        settings.secret = Some(SECRET.to_owned());
        settings
    });
    let host = host.await;

    let denied = host.call(Call::get("/metrics")).await;
    let admitted = host.call(Call::get("/metrics").header("authorization", format!("Bearer {SECRET}"))).await;
    let written = host.call(Call::post("/metrics").header("authorization", format!("Bearer {SECRET}"))).await;

    assert_eq!((denied.status, admitted.status, written.status), (403, 200, 405));
}

#[tokio::test]
async fn processes_and_their_lines_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let service = log_tail::start(folder.path()).await;

    assert_eq!(log_tail::invoke(&service, "tax", None).await.status, 200);
    let text = service.metrics();
    service.remove_function("tax");
    // The process has exited before the next line of the registry is read.
    let removed = r#"durable_processes_exited_total{function="tax",reason="removed"}"#;
    while value(&service.metrics(), removed) < 1.0 {
        tokio::task::yield_now().await;
    }

    assert_eq!(value(&text, r#"durable_processes_started_total{function="tax"}"#), 1.0);
    assert_eq!(value(&text, r#"durable_processes_running{function="tax"}"#), 1.0);
    assert_eq!(value(&text, r#"durable_process_start_duration_seconds_count{function="tax"}"#), 1.0);
    assert!(value(&text, r#"durable_output_lines_total{function="tax"}"#) >= 1.0);
    assert_eq!(value(&text, r#"durable_output_dropped_lines_total{function="tax"}"#), 0.0);
    assert_eq!(value(&text, r#"durable_invocations_total{function="tax",outcome="answered"}"#), 1.0);
    assert_eq!(value(&service.metrics(), r#"durable_processes_running{function="tax"}"#), 0.0);
    service.shutdown().await;
}

#[tokio::test]
async fn each_service_has_metrics_of_its_own() {
    let function = || FunctionDefinition::in_process("order", async |input| Ok(input)).plain();
    let start = || LocalService::start(Settings::in_memory().with_function(function()));
    let (one, other) = (start().await.unwrap(), start().await.unwrap());

    let call = durable_host::function::FunctionCall {
        function_name: "order".to_owned(),
        function_arn: "order".to_owned(),
        headers: durable_service::InvocationHeaders::default(),
        input: json!(1).to_string().into(),
    };
    one.host().call_function(call).await.unwrap().end.unwrap();

    let answered = r#"durable_invocations_total{function="order",outcome="answered"}"#;
    assert_eq!(value(&one.metrics(), answered), 1.0);
    assert_eq!(value(&other.metrics(), answered), 0.0);
    assert_eq!(
        value(&one.metrics(), concat!("durable_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"}")),
        1.0
    );
    assert!(value(&one.metrics(), "durable_start_time_seconds") > 1.7e9);
    if cfg!(target_os = "linux") {
        assert!(value(&one.metrics(), "process_resident_memory_bytes") > 1e6);
    }
}
