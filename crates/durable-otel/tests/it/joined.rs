//! Executions that belong to the trace of their caller.

use durable_core::lambda::LambdaContext;
use durable_core::{DurableContext, Result};
use durable_otel::View;
use durable_testing::TestRunner;
use opentelemetry::trace::TraceId;

use crate::exported::Exported;

async fn tax(cents: u64, ctx: DurableContext) -> Result<u64> {
    ctx.step("rate", async |_| Ok(cents / 5)).await
}

async fn total(cents: u64, ctx: DurableContext) -> Result<u64> {
    Ok(cents + ctx.invoke::<u64, _>("tax", "tax:1", &cents).await?)
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_another_one_invokes_belongs_to_the_span_of_the_operation() {
    for view in [View::Invocation, View::Execution] {
        let exported = Exported::default();
        let runner = TestRunner::new(total)
            .function("tax", tax)
            .plugins(exported.otel(|otel| otel.view(view)).plugins());

        runner.run(&100).await.unwrap();

        let traces: std::collections::HashSet<TraceId> =
            exported.spans().iter().map(|span| span.span_context.trace_id()).collect();
        assert_eq!(traces.len(), 1, "{view:?}");
        let of_tax =
            exported.tree().into_iter().filter(|line| line.trim_start().starts_with("rate ok")).count();
        assert_eq!(of_tax, 1);
        let roots = exported.tree().into_iter().filter(|line| !line.starts_with(' ')).count();
        assert_eq!(roots, 1, "{view:?}: {:#?}", exported.tree());
    }
}

#[tokio::test(start_paused = true)]
async fn an_execution_continues_the_trace_of_its_header() {
    let exported = Exported::default();
    let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    let runner = TestRunner::new(tax).plugins(exported.otel(|otel| otel).plugins()).trace_header(header);

    runner.run(&100).await.unwrap();

    for name in ["Workflow", "Invocation"] {
        let span = exported.span(name);
        assert_eq!(span.span_context.trace_id().to_string(), "5759e988bd862e3fe1be46a994272793");
        assert_eq!(span.parent_span_id.to_string(), "53995c3f42cd8ad8");
        assert!(span.parent_span_is_remote);
    }
    assert!(exported.spans().iter().all(|span| span.name != "DurableExecutionRoot"));
}

#[tokio::test(start_paused = true)]
async fn a_root_without_a_parent_sets_the_trace_id_alone() {
    let exported = Exported::default();
    let runner = TestRunner::new(tax).plugins(exported.otel(|otel| otel).plugins());

    runner.trace_header("Root=1-5759e988-bd862e3fe1be46a994272793").run(&100).await.unwrap();

    assert_eq!(exported.tree()[0], "DurableExecutionRoot unset");
    let trace_id = exported.span("Workflow").span_context.trace_id();
    assert_eq!(trace_id.to_string(), "5759e988bd862e3fe1be46a994272793");
}

#[tokio::test(start_paused = true)]
async fn the_header_of_a_chained_invoke_names_the_span_of_the_operation() {
    let exported = Exported::default();
    let callee = async |_: u64, ctx: DurableContext| -> Result<Option<String>> {
        let LambdaContext { trace_header, .. } = ctx.lambda_context();
        Ok(trace_header.clone())
    };
    let caller =
        async |_: (), ctx: DurableContext| -> Result<Option<String>> { ctx.invoke("tax", "tax:1", &1).await };
    let otel = exported.otel(|otel| otel.view(View::Execution));

    let runner = TestRunner::new(caller).function("tax", callee).plugins(otel.plugins());
    let header: Option<String> = runner.run(&()).await.unwrap().result().unwrap();

    let operation = exported.span("tax").span_context;
    let trace = operation.trace_id().to_string();
    let expected = format!("Root=1-{}-{};Parent={};Sampled=1", &trace[..8], &trace[8..], operation.span_id());
    assert_eq!(header, Some(expected));
}
