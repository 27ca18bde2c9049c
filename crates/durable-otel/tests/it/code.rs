//! Spans and log lines of the code.

use durable_core::logging::LogLines;
use durable_core::{DurableContext, Result};
use durable_testing::TestRunner;
use serde_json::Value;
use tracing::{Instrument, info, info_span};
use tracing_subscriber::layer::SubscriberExt;

use crate::exported::Exported;
use crate::written::Written;

async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
    let in_handler = async {
        let ship = ctx.run_in_child_context("ship", async |ctx| {
            let _inside = info_span!("in context").entered();
            info!("packed");
            drop(_inside);
            ctx.step("label", async |_| {
                tokio::task::yield_now().await;
                async {
                    info!("printed");
                    Ok(7)
                }
                .instrument(info_span!("in attempt"))
                .await
            })
            .await
        });
        ship.await
    };
    in_handler.instrument(info_span!("in handler")).await
}

#[tokio::test(start_paused = true)]
async fn spans_of_the_code_belong_to_the_attempt_the_context_or_the_invocation_in_which_they_occur() {
    let exported = Exported::default();
    let otel = exported.otel(|otel| otel);
    let _logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(otel.layer()));

    TestRunner::new(handler).plugins(otel.plugins()).run(&()).await.unwrap();

    let id = |name| exported.span(name).span_context.span_id();
    let parent = |name| exported.span(name).parent_span_id;
    assert_eq!(parent("in attempt"), id("label attempt 1"));
    assert_eq!(parent("in context"), id("ship"));
    assert_eq!(parent("in handler"), id("Invocation"));
    let traces: std::collections::HashSet<_> =
        exported.spans().iter().map(|span| span.span_context.trace_id()).collect();
    assert_eq!(traces.len(), 1);
    let events = exported.span("in attempt").events;
    assert_eq!(events.iter().map(|event| event.name.as_ref()).collect::<Vec<_>>(), ["printed"]);
    assert!(exported.spans().iter().all(|span| span.name != "durable"));
}

/// Returns the log line with this message.
fn line(written: &Written, message: &str) -> Value {
    written.lines().into_iter().find(|line| line["message"] == message).unwrap()
}

#[tokio::test(start_paused = true)]
async fn log_lines_carry_the_ids_of_the_attempt_or_of_a_span_of_the_code() {
    let (exported, written) = (Exported::default(), Written::default());
    let otel = exported.otel(|otel| otel);
    let lines = LogLines::to(written.clone());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        ctx.step("label", async |_| {
            info!("plain");
            Ok(7)
        })
        .await
    };

    {
        let _logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(lines));
        TestRunner::new(handler).plugins(otel.plugins()).run(&()).await.unwrap();
    }

    let (line, attempt) = (line(&written, "plain"), exported.span("label attempt 1").span_context);
    assert_eq!(line["traceId"], attempt.trace_id().to_string());
    assert_eq!(line["spanId"], attempt.span_id().to_string());
    assert_eq!(line["traceSampled"], true);
}

#[tokio::test(start_paused = true)]
async fn log_lines_in_a_span_of_the_code_carry_its_id() {
    let (exported, written) = (Exported::default(), Written::default());
    let otel = exported.otel(|otel| otel);
    let subscriber = tracing_subscriber::registry().with(otel.layer()).with(LogLines::to(written.clone()));
    let _logging = tracing::subscriber::set_default(subscriber);

    TestRunner::new(handler).plugins(otel.plugins()).run(&()).await.unwrap();

    let span = exported.span("in attempt").span_context;
    assert_eq!(line(&written, "printed")["spanId"], span.span_id().to_string());
}
