//! Executions as traces at an OTLP endpoint.

use std::collections::HashSet;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use durable_core::{DurableContext, Result};
use durable_local::{ClosedExecution, ExecutionStart, LocalService, LocalServiceBuilder};
use durable_service::Command;

use super::collector::Collector;

async fn ship(_: (), ctx: DurableContext) -> Result<Option<String>> {
    ctx.step("label", async |_| Ok(())).await?;
    Ok(ctx.lambda_context().trace_header.clone())
}

async fn order(_: (), ctx: DurableContext) -> Result<Option<String>> {
    ctx.step("charge", async |_| Ok(())).await?;
    ctx.invoke("deliver", "ship:$LATEST", &()).await
}

fn start(function: &str) -> ExecutionStart {
    ExecutionStart { input: Some("null".to_owned()), ..ExecutionStart::new(function) }
}

async fn run(service: &LocalService, start: ExecutionStart) -> Arc<ClosedExecution> {
    let started = service.start_execution(start).await.unwrap();
    service.wait_closed(&started.arn).await.unwrap()
}

fn traced(collector: &Collector) -> LocalServiceBuilder {
    LocalService::builder().otlp(collector.endpoint()).handler("ship", ship).handler("order", order)
}

#[tokio::test]
async fn an_execution_and_those_that_it_calls_are_one_trace() {
    let collector = Collector::start().await;
    let service = traced(&collector).start().await.unwrap();

    let closed = run(&service, start("order")).await;
    service.shutdown().await;

    assert_eq!(
        collector.tree(),
        [
            "order: DurableExecutionRoot",
            "  order: Invocation PENDING",
            "  order: Invocation SUCCEEDED",
            "  order: Workflow SUCCEEDED",
            "    order: charge SUCCEEDED",
            "      order: charge attempt 1",
            "    order: deliver SUCCEEDED",
            "      ship: Invocation SUCCEEDED",
            "      ship: Workflow SUCCEEDED",
            "        ship: label SUCCEEDED",
            "          ship: label attempt 1",
        ]
    );
    let traces: HashSet<String> = collector.spans().into_iter().map(|span| span.trace_id).collect();
    assert_eq!(traces.len(), 1);
    let (trace, parent) = (traces.into_iter().next().unwrap(), collector.span("deliver").id);
    let received = format!("Root=1-{}-{};Parent={parent};Sampled=1", &trace[..8], &trace[8..]);
    let expected = serde_json::to_string(&received).unwrap();
    assert_eq!(closed.result.as_deref(), Some(&*expected), "the called function receives the span");
}

#[tokio::test]
async fn a_function_receives_the_trace_of_its_execution() {
    let collector = Collector::start().await;
    let service = traced(&collector).start().await.unwrap();

    let closed = run(&service, start("ship")).await;
    service.shutdown().await;

    let root = collector.span("DurableExecutionRoot");
    let (time, rest) = root.trace_id.split_at(8);
    let received = format!("Root=1-{time}-{rest};Parent={};Sampled=1", root.id);
    assert_eq!(closed.result.as_deref(), Some(&*serde_json::to_string(&received).unwrap()));
}

#[tokio::test]
async fn an_execution_that_its_caller_does_not_sample_is_not_exported() {
    let collector = Collector::start().await;
    let service = traced(&collector).start().await.unwrap();
    let mut unsampled = start("order");
    unsampled.headers.trace_header = Some("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned());

    run(&service, unsampled).await;
    service.shutdown().await;

    assert_eq!(collector.spans(), []);
}

#[tokio::test]
async fn an_execution_that_is_stopped_has_a_span() {
    let collector = Collector::start().await;
    let stuck =
        async |_: (), ctx: DurableContext| ctx.step("stuck", async |_| pending::<Result<()>>().await).await;
    let service =
        LocalService::builder().otlp(collector.endpoint()).handler("stuck", stuck).start().await.unwrap();
    let arn = service.start_execution(start("stuck")).await.unwrap().arn;
    let mut watch = service.watch(&arn).await.unwrap();
    while watch.next().await.unwrap().unwrap().iter().all(|event| event.name.as_deref() != Some("stuck")) {}

    service.host().command(&arn, Command::Stop { error: None }).await.unwrap();
    service.shutdown().await;

    assert_eq!(
        collector.tree(),
        [
            "stuck: DurableExecutionRoot",
            "  stuck: Workflow STOPPED",
            "    stuck: stuck STARTED",
            "      stuck: stuck attempt 1",
        ]
    );
}

#[tokio::test]
async fn spans_wait_for_an_endpoint_that_rejects_them() {
    let collector = Collector::start().await;
    collector.reject(1);
    let service = traced(&collector).start().await.unwrap();

    run(&service, start("ship")).await;
    collector.rejected().await;
    service.shutdown().await;

    assert_eq!(collector.span("Workflow").status, "SUCCEEDED");
    collector.span("DurableExecutionRoot");
}

#[tokio::test]
async fn an_execution_that_resumes_after_a_restart_is_exported_whole() {
    let folder = tempfile::tempdir().unwrap();
    let waiting = async |_: (), ctx: DurableContext| -> Result<()> {
        ctx.step("charge", async |_| Ok(())).await?;
        ctx.wait("settle", Duration::from_secs(1)).await
    };
    let builder = || LocalService::builder().folder(folder.path()).handler("order", waiting);
    let before = builder().start().await.unwrap();
    let arn = before.start_execution(start("order")).await.unwrap().arn;
    let mut watch = before.watch(&arn).await.unwrap();
    while watch.next().await.unwrap().unwrap().iter().all(|event| event.name.as_deref() != Some("settle")) {}
    drop(watch);
    before.shutdown().await;

    let collector = Collector::start().await;
    let after = builder().otlp(collector.endpoint()).start().await.unwrap();
    after.wait_closed(&arn).await.unwrap();
    after.shutdown().await;

    assert_eq!(collector.span("Workflow").status, "SUCCEEDED");
    for name in ["DurableExecutionRoot", "charge", "charge attempt 1", "settle"] {
        collector.span(name);
    }
}
