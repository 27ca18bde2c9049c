//! The trace headers that plugins provide for chained invokes.

use std::time::Duration;

use durable_core::error::BoxError;
use durable_core::plugin::{ChainedInvokeStart, Plugin};
use durable_core::{DurableContext, Result};
use durable_testing::TestRunner;

/// A plugin that returns this trace header.
struct Header(Option<&'static str>);

impl Plugin for Header {
    fn trace_header(&self, invoke: &ChainedInvokeStart<'_>) -> Result<Option<String>, BoxError> {
        assert!(invoke.execution_arn.starts_with("arn:"));
        assert_eq!((invoke.operation_name, invoke.function_name), (Some("call"), "other:1"));
        assert_eq!(invoke.parent_id.is_some(), invoke.operation_id.len() == 22);
        Ok(self.0.map(|header| header.repeat(if header == "long" { 3_000 } else { 1 })))
    }
}

async fn other(_: (), ctx: DurableContext) -> Result<Option<String>> {
    Ok(ctx.lambda_context().trace_header.clone())
}

async fn caller(own: Option<String>, ctx: DurableContext) -> Result<Option<String>> {
    let call = ctx.run_in_child_context("inside", async |ctx| {
        let call = ctx.invoke("call", "other:1", &());
        match &own {
            Some(header) => call.trace_header(header).await,
            None => call.await,
        }
    });
    let header = call.await?;
    ctx.wait("pause", Duration::from_secs(1)).await?;
    Ok(header)
}

async fn received(own: Option<&str>, plugins: [Option<&'static str>; 2]) -> Option<String> {
    let [first, second] = plugins;
    let runner = TestRunner::new(caller).function("other", other);
    let runner = runner.plugin(move |_| Header(first)).plugin(move |_| Header(second));
    runner.run(&own).await.unwrap().result().unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_invoked_function_receives_the_header_of_the_first_plugin_that_has_one() {
    assert_eq!(received(None, [None, Some("second")]).await.as_deref(), Some("second"));
    assert_eq!(received(None, [Some("first"), Some("second")]).await.as_deref(), Some("first"));
    assert_eq!(received(None, [None, None]).await, None);
}

#[tokio::test(start_paused = true)]
async fn the_header_that_the_code_sets_takes_precedence() {
    assert_eq!(received(Some("own"), [Some("first"), None]).await.as_deref(), Some("own"));
}

#[tokio::test(start_paused = true)]
async fn a_header_that_is_too_long_is_not_sent() {
    assert_eq!(received(None, [Some("long"), Some("second")]).await.as_deref(), Some("second"));
}
