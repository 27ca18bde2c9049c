//! Child contexts: results, names, failures, replay.

use durable::operation::UNNAMED;
use durable::prelude::*;
use serde::Deserialize;

use super::crash::{end_process, is_first_run};
use super::serdes::Capitals;

#[derive(Deserialize)]
pub(crate) struct Named {
    name: String,
    value: String,
}

#[durable::handler]
pub(crate) async fn one_step(event: String, ctx: DurableContext) -> Result<String> {
    ctx.run_in_child_context(UNNAMED, async |ctx| ctx.step("echo", async |_| Ok(event.clone())).await).await
}

#[durable::handler]
pub(crate) async fn named_by_the_event(event: Named, ctx: DurableContext) -> Result<String> {
    ctx.run_in_child_context(&event.name, async |ctx| {
        ctx.step("echo", async |_| Ok(event.value.clone())).await
    })
    .await
}

#[durable::handler]
pub(crate) async fn two_steps(event: String, ctx: DurableContext) -> Result<String> {
    let echoed = ctx
        .run_in_child_context("relay", async |ctx| {
            let first = ctx.step("first", async |_| Ok(event.clone())).await?;
            ctx.step("second", async |_| Ok(first.clone())).await
        })
        .await?;
    Ok(echoed)
}

#[durable::handler]
pub(crate) async fn fails(_: (), ctx: DurableContext) -> Result<()> {
    ctx.run_in_child_context("hopeless", async |ctx| {
        let step = ctx.step("fail", async |_| Err::<(), _>(Error::msg("it fails")));
        step.retry(RetryStrategy::none()).await
    })
    .await?;
    Ok(())
}

#[durable::handler]
pub(crate) async fn recovers(event: String, ctx: DurableContext) -> Result<String> {
    let tried = ctx
        .run_in_child_context(UNNAMED, async |ctx| {
            let step = ctx.step("fail", async |_| Err::<String, _>(Error::msg("it fails")));
            step.retry(RetryStrategy::none()).await
        })
        .await;
    match tried {
        Ok(done) => Ok(done),
        Err(_) => ctx.step("recover", async |_| Ok(event.clone())).await,
    }
}

#[durable::handler]
pub(crate) async fn retries(event: String, ctx: DurableContext) -> Result<String> {
    ctx.run_in_child_context("persistent", async |ctx| {
        let step = ctx.step("unreliable", async |step| match step.attempt() {
            1 => Err(Error::msg("the first attempt fails")),
            _ => Ok(event.clone()),
        });
        step.retry(RetryStrategy::fixed(Duration::from_secs(1))).await
    })
    .await
}

#[durable::handler]
pub(crate) async fn is_not_repeated(event: String, ctx: DurableContext) -> Result<String> {
    let echoed = ctx
        .run_in_child_context(UNNAMED, async |ctx| ctx.step("echo", async |_| Ok(event.clone())).await)
        .await?;
    ctx.wait("pause", Duration::from_secs(1)).await?;
    Ok(echoed)
}

#[durable::handler]
pub(crate) async fn waits(event: String, ctx: DurableContext) -> Result<String> {
    let echoed = ctx
        .run_in_child_context("patient", async |ctx| {
            let echoed = ctx.step("echo", async |_| Ok(event.clone())).await?;
            ctx.wait("pause", Duration::from_secs(1)).await?;
            Ok(echoed)
        })
        .await?;
    Ok(echoed)
}

#[durable::handler]
pub(crate) async fn in_capitals(event: String, ctx: DurableContext) -> Result<String> {
    ctx.using(Capitals)
        .run_in_child_context("loud", async |ctx| ctx.step("echo", async |_| Ok(event.clone())).await)
        .await
}

#[durable::handler]
pub(crate) async fn large(event: String, ctx: DurableContext) -> Result<usize> {
    let large = ctx
        .run_in_child_context("large", async |ctx| {
            tracing::info!("making much of {event}");
            let small = ctx.step("small", async |_| Ok(event.clone())).await?;
            Ok(small.repeat(40_000))
        })
        .await?;
    ctx.wait("pause", Duration::from_secs(2)).await?;
    Ok(large.len())
}

#[durable::handler]
pub(crate) async fn logs(event: String, ctx: DurableContext) -> Result<String> {
    let echoed = ctx
        .run_in_child_context("talkative", async |_| {
            tracing::info!("this is {event}");
            Ok(event.clone())
        })
        .await?;
    ctx.wait("pause", Duration::from_secs(1)).await?;
    Ok(echoed)
}

#[durable::handler]
pub(crate) async fn is_interrupted(event: String, ctx: DurableContext) -> Result<String> {
    ctx.run_in_child_context(UNNAMED, async |ctx| {
        let step = ctx.step("interrupted", async |_| {
            if is_first_run(&event)? {
                // Long enough for the start of the step to be recorded.
                tokio::time::sleep(Duration::from_millis(500)).await;
                end_process().await;
            }
            Ok(event.clone())
        });
        step.await
    })
    .await
}

#[durable::handler]
pub(crate) async fn fails_by_itself(_: (), ctx: DurableContext) -> Result<()> {
    ctx.run_in_child_context("hopeless", async |_| Err::<(), _>(Error::msg("it fails"))).await?;
    Ok(())
}

#[durable::handler]
pub(crate) async fn returns_nothing(_: (), ctx: DurableContext) -> Result<()> {
    ctx.run_in_child_context("nothing", async |_| Ok(())).await?;
    Ok(())
}
