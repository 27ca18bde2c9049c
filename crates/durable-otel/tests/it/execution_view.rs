//! Traces by execution.

use std::time::Duration;

use durable_core::{DurableContext, Result};
use durable_otel::View;
use durable_testing::TestRunner;

use crate::exported::Exported;

#[tokio::test(start_paused = true)]
async fn an_operation_has_one_span_below_the_execution_linked_to_the_invocation_that_ended_it() {
    let exported = Exported::default();
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let ship = ctx.run_in_child_context("ship", async |ctx| {
            ctx.step("pack", async |_| Ok(())).await?;
            ctx.wait("dry", Duration::from_hours(24)).await?;
            ctx.step("label", async |_| Ok(7)).await
        });
        ship.await
    };

    let otel = exported.otel(|otel| otel.view(View::Execution));
    TestRunner::new(handler).plugins(otel.plugins()).run(&()).await.unwrap();

    assert_eq!(
        exported.tree(),
        [
            "DurableExecutionRoot unset",
            "  Invocation ok PENDING",
            "  Workflow ok SUCCEEDED",
            "    ship ok SUCCEEDED",
            "      pack ok SUCCEEDED",
            "        pack attempt 1 ok SUCCEEDED",
            "      dry ok SUCCEEDED",
            "      label ok SUCCEEDED",
            "        label attempt 1 ok SUCCEEDED",
            "  Invocation ok SUCCEEDED",
        ]
    );
    let invocations: Vec<_> = exported.spans().into_iter().filter(|span| span.name == "Invocation").collect();
    let invocation = |index: usize| invocations[index].span_context.span_id();
    let link = |name| exported.span(name).links[0].span_context.span_id();
    assert_eq!((link("pack"), link("dry"), link("ship")), (invocation(0), invocation(1), invocation(1)));
    let dry = exported.span("dry");
    assert_eq!(dry.end_time.duration_since(dry.start_time).unwrap(), Duration::from_hours(24));
}

#[tokio::test(start_paused = true)]
async fn the_execution_can_be_the_root() {
    let exported = Exported::default();
    let handler =
        async |_: (), ctx: DurableContext| -> Result<u32> { ctx.step("charge", async |_| Ok(7)).await };

    let otel =
        exported.otel(|otel| otel.view(View::Execution).workflow_as_root().workflow_span_name("orders"));
    TestRunner::new(handler).plugins(otel.plugins()).run(&()).await.unwrap();

    assert_eq!(
        exported.tree(),
        [
            "orders ok SUCCEEDED",
            "  charge ok SUCCEEDED",
            "    charge attempt 1 ok SUCCEEDED",
            "  Invocation ok SUCCEEDED",
        ]
    );
}
