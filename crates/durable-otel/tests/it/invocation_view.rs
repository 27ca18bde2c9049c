//! Traces by invocation.

use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_testing::{CallbackAnswer, TestRunner};

use crate::exported::{Exported, attribute, attributes};

#[tokio::test(start_paused = true)]
async fn an_execution_is_one_tree_below_a_root_without_duration() {
    let exported = Exported::default();
    let handler =
        async |_: (), ctx: DurableContext| -> Result<u32> { ctx.step("charge", async |_| Ok(7)).await };

    TestRunner::new(handler).plugins(exported.otel(|otel| otel).plugins()).run(&()).await.unwrap();

    assert_eq!(
        exported.tree(),
        [
            "DurableExecutionRoot unset",
            "  Invocation ok SUCCEEDED",
            "    charge ok SUCCEEDED",
            "      charge attempt 1 ok SUCCEEDED",
            "  Workflow ok SUCCEEDED",
        ]
    );
    let root = exported.span("DurableExecutionRoot");
    assert_eq!(root.start_time, root.end_time);
    assert_eq!(exported.resource().get(&"service.name".into()).unwrap().to_string(), "orders");
}

#[tokio::test(start_paused = true)]
async fn an_operation_has_the_attributes_of_aws_and_is_linked_to_its_execution() {
    let exported = Exported::default();
    let handler =
        async |_: (), ctx: DurableContext| -> Result<u32> { ctx.step("charge", async |_| Ok(7)).await };

    let runner = TestRunner::new(handler).plugins(exported.otel(|otel| otel).plugins());
    let execution = runner.run(&()).await.unwrap();

    let (charge, attempt) = (exported.span("charge"), exported.span("charge attempt 1"));
    let id = execution.operation("charge").unwrap().id.to_string();
    let expected = [
        ("durable.attempt.number", "1"),
        ("durable.operation.id", id.as_str()),
        ("durable.operation.name", "charge"),
        ("durable.operation.status", "SUCCEEDED"),
        ("durable.operation.subtype", "Step"),
        ("durable.operation.type", "STEP"),
    ];
    assert_eq!(attributes(&charge), expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    let workflow = exported.span("Workflow").span_context.span_id();
    for span in [charge, attempt] {
        assert_eq!(span.links.iter().map(|link| link.span_context.span_id()).collect::<Vec<_>>(), [workflow]);
        let arn = attribute(&span, "durable.execution.arn").unwrap();
        assert!(arn.starts_with("arn:"), "{arn}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_spans_invocations_has_a_span_in_each() {
    let exported = Exported::default();
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        ctx.wait("settle", Duration::from_secs(60)).await?;
        let charge = ctx.step("charge", async |step| match step.attempt() {
            1 => Err(Error::msg("busy")),
            _ => Ok(7),
        });
        charge.retry(RetryStrategy::fixed(Duration::from_secs(1))).await
    };

    TestRunner::new(handler).plugins(exported.otel(|otel| otel).plugins()).run(&()).await.unwrap();

    assert_eq!(
        exported.tree(),
        [
            "DurableExecutionRoot unset",
            "  Invocation ok PENDING",
            "    settle unset STARTED",
            "  Workflow ok SUCCEEDED",
            "  Invocation ok PENDING",
            "    settle ok SUCCEEDED",
            "    charge unset STARTED",
            "      charge attempt 1 error FAILED",
            "  Invocation ok SUCCEEDED",
            "    charge ok SUCCEEDED",
            "      charge attempt 2 ok SUCCEEDED",
        ]
    );
    let failed = exported.span("charge attempt 1");
    let exception = failed.events.iter().find(|event| event.name == "exception").unwrap();
    let message =
        exception.attributes.iter().find(|attribute| attribute.key.as_str() == "exception.message").unwrap();
    assert_eq!(message.value.as_str(), "busy");
}

#[tokio::test(start_paused = true)]
async fn the_parts_of_a_wait_for_a_callback_are_named_after_it() {
    let exported = Exported::default();
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        ctx.wait_for_callback("approve", async |_, _| Ok(())).await
    };
    let runner = TestRunner::new(handler).plugins(exported.otel(|otel| otel).plugins());
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(Duration::from_secs(1)).await.unwrap();

    let id = execution.open_callbacks()[0].id.clone();
    execution.answer_callback(&id, CallbackAnswer::Succeeded(Some("5".to_owned()))).unwrap();
    execution.finish().await.unwrap();

    assert_eq!(
        exported.tree(),
        [
            "DurableExecutionRoot unset",
            "  Invocation ok PENDING",
            "    approve unset STARTED",
            "      approve-submitter ok SUCCEEDED",
            "        approve-submitter attempt 1 ok SUCCEEDED",
            "      approve-callback unset STARTED",
            "  Workflow ok SUCCEEDED",
            "  Invocation ok SUCCEEDED",
            "    approve ok SUCCEEDED",
            "      approve-callback ok SUCCEEDED",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_an_error_of_the_operation_the_invocation_and_the_execution() {
    let exported = Exported::default();
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let charge = ctx.step("charge", async |_| Err::<(), _>(Error::msg("declined")));
        charge.retry(RetryStrategy::none()).await
    };

    TestRunner::new(handler).plugins(exported.otel(|otel| otel).plugins()).run(&()).await.unwrap();

    assert_eq!(
        exported.tree(),
        [
            "DurableExecutionRoot unset",
            "  Invocation error FAILED",
            "    charge error FAILED",
            "      charge attempt 1 error FAILED",
            "  Workflow error FAILED",
        ]
    );
}
