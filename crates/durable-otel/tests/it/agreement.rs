//! The plugin and the view of the history that the service exports describe the same spans.

use std::collections::BTreeMap;
use std::time::Duration;

use durable_core::{DurableContext, Error, Result};
use durable_otel::View;
use durable_testing::{TestExecution, TestRunner};
use durable_timeline::trace::{ExecutionTrace, SpanOutcome, TraceSpan};
use durable_trace::RemoteParent;
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;
use proptest::prelude::*;

use crate::exported::{Exported, attribute};
use crate::trees::{programs, run};

/// What the plugin and the view say of a span: trace, parent, name, whether it succeeded, its attributes.
type Said = (String, String, String, &'static str, BTreeMap<String, String>);

fn said_by_plugin(span: &SpanData) -> (String, Said) {
    let status = match span.status {
        Status::Ok => "ok",
        Status::Error { .. } => "error",
        Status::Unset => "unset",
    };
    let attributes = span.attributes.iter().map(|it| (it.key.to_string(), it.value.to_string())).collect();
    let context = &span.span_context;
    let (trace, parent) = (context.trace_id().to_string(), span.parent_span_id.to_string());
    (context.span_id().to_string(), (trace, parent, span.name.to_string(), status, attributes))
}

fn said_by_view(span: &TraceSpan) -> (String, Said) {
    let status = match span.outcome {
        SpanOutcome::Succeeded => "ok",
        SpanOutcome::Failed(_) => "error",
        SpanOutcome::Unset => "unset",
    };
    let attributes =
        span.attributes.iter().map(|(key, value)| ((*key).to_owned(), value.to_string())).collect();
    let parent = span.parent.map_or_else(|| "0".repeat(16), |parent| parent.id.to_string());
    (span.id.to_string(), (span.trace_id.to_string(), parent, span.name.to_string(), status, attributes))
}

/// Returns the spans of the view, by id.
fn view(execution: &TestExecution, arn: &str, header: &str) -> BTreeMap<String, Said> {
    let mut trace = ExecutionTrace::new(arn, RemoteParent::parse(header));
    let mut spans: Vec<_> = execution.history().iter().flat_map(|event| trace.apply(event)).collect();
    spans.extend(trace.settle());
    let by_id: BTreeMap<_, _> = spans.iter().map(said_by_view).collect();
    assert_eq!(by_id.len(), spans.len(), "span ids are unique");
    by_id
}

/// Returns the spans of the plugin, by id, and the ARN of the execution.
fn plugin(exported: &Exported) -> (BTreeMap<String, Said>, String) {
    let spans = exported.spans();
    let arn = attribute(&spans[0], "durable.execution.arn").unwrap();
    (spans.iter().map(said_by_plugin).collect(), arn)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_plugin_and_the_view_of_the_history_describe_the_same_spans(
        program in programs(),
        header in prop::sample::select(vec![
            "",
            "Root=1-5759e988-bd862e3fe1be46a994272793",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        ]),
    ) {
        let exported = Exported::default();
        let otel = exported.otel(|otel| otel.view(View::Execution));
        let handler = async |_: (), ctx: DurableContext| run(&program, ctx).await;
        let runner = TestRunner::new(handler).plugins(otel.plugins()).trace_header(header);
        let execution = runtime().block_on(runner.run(&())).unwrap();

        let (plugin, arn) = plugin(&exported);

        prop_assert_eq!(view(&execution, &arn, header), plugin);
    }
}

#[test]
fn they_agree_about_failures_callbacks_and_markers() {
    let exported = Exported::default();
    let otel = exported.otel(|otel| otel.view(View::Execution));
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        ctx.now("begun");
        let failing = ctx.run_in_child_context("ship", async |ctx| {
            ctx.step("label", async |_| Err::<(), _>(Error::msg("out of paper"))).await
        });
        failing.await.unwrap_err();
        let approval = ctx.wait_for_callback("approve", async |_, _| Ok(())).timeout(Duration::from_secs(5));
        let approval: Result<u32> = approval.await;
        approval.unwrap_err();
        let slow = ctx.wait("slow", Duration::from_secs(60));
        durable_core::race!(ctx, "first", ctx.wait("settle", Duration::from_secs(3)), slow).await?;
        Err(Error::msg("declined"))
    };
    let runner = TestRunner::new(handler).plugins(otel.plugins());
    let execution = runtime().block_on(runner.run(&())).unwrap();

    let (plugin, arn) = plugin(&exported);

    let mut view = view(&execution, &arn, "");
    let open = view.extract_if(.., |id, _| !plugin.contains_key(id)).map(|(_, (_, _, name, ..))| name);
    assert_eq!(open.collect::<Vec<_>>(), ["slow"], "the plugin does not report what was abandoned");
    assert_eq!(view, plugin);
}
