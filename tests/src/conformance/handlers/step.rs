//! Steps: results, names, retries, semantics.

use durable::prelude::*;

use super::crash::end_process;
use super::serdes::Capitals;

/// A failure that passes.
#[derive(Debug)]
struct TransientError;

impl std::fmt::Display for TransientError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("try again in a moment")
    }
}

impl std::error::Error for TransientError {}

#[durable::handler]
pub(crate) async fn greet(name: String, ctx: DurableContext) -> Result<String> {
    ctx.step("greet", async |_| Ok(format!("Hello, {name}!"))).await
}

#[durable::handler]
pub(crate) async fn greet_by_name(name: String, ctx: DurableContext) -> Result<String> {
    ctx.step("custom_step_name", async |_| Ok(format!("Hello, {name}!"))).await
}

#[durable::handler]
pub(crate) async fn one_after_the_other(_: (), ctx: DurableContext) -> Result<String> {
    let first = ctx.step("first", async |_| Ok("first".to_owned())).await?;
    ctx.step("second", async |_| Ok(format!("{first}_second"))).await
}

#[durable::handler]
pub(crate) async fn nothing(_: (), ctx: DurableContext) -> Result<()> {
    ctx.step("nothing", async |_| Ok(())).await?;
    Ok(())
}

#[durable::handler]
pub(crate) async fn in_capitals(text: String, ctx: DurableContext) -> Result<String> {
    ctx.using(Capitals).step("echo", async |_| Ok(text.clone())).await
}

#[durable::handler]
pub(crate) async fn logs(name: String, ctx: DurableContext) -> Result<String> {
    ctx.step("greet", async |_| {
        tracing::info!("Greeting step started for: {name}");
        let greeting = format!("Hello, {name}!");
        tracing::info!("Greeting step completed with: {greeting}");
        Ok(greeting)
    })
    .await
}

#[durable::handler]
pub(crate) async fn then_wait(_: (), ctx: DurableContext) -> Result<String> {
    let computed = ctx.step("compute", async |_| Ok("computed".to_owned())).await?;
    ctx.wait("pause", Duration::from_secs(2)).await?;
    Ok(computed)
}

#[durable::handler]
pub(crate) async fn is_not_repeated(_: (), ctx: DurableContext) -> Result<String> {
    let value = ctx
        .step("compute", async |_| {
            tracing::info!("step executed");
            Ok("cached_value".to_owned())
        })
        .await?;
    ctx.wait("pause", Duration::from_secs(1)).await?;
    Ok(value)
}

#[durable::handler]
pub(crate) async fn fails_once(_: (), ctx: DurableContext) -> Result<String> {
    ctx.step("unreliable", async |step| match step.attempt() {
        1 => Err(Error::msg("the first attempt fails")),
        _ => Ok("Operation succeeded".to_owned()),
    })
    .retry(RetryStrategy::fixed(Duration::from_secs(1)).max_attempts(3))
    .await
}

#[durable::handler]
pub(crate) async fn fails_always(_: (), ctx: DurableContext) -> Result<()> {
    ctx.step("hopeless", async |_| Err::<(), _>(Error::msg("every attempt fails")))
        .retry(RetryStrategy::fixed(Duration::from_secs(1)).max_attempts(4))
        .await?;
    Ok(())
}

#[durable::handler]
pub(crate) async fn fails_twice(_: (), ctx: DurableContext) -> Result<String> {
    ctx.step("unreliable", async |step| match step.attempt() {
        1 | 2 => Err(Error::msg("the first two attempts fail")),
        _ => Ok("Operation succeeded".to_owned()),
    })
    .await
}

#[durable::handler]
pub(crate) async fn fails_for_a_moment(_: (), ctx: DurableContext) -> Result<String> {
    ctx.step("unreliable", async |step| match step.attempt() {
        1 => Err(TransientError.into()),
        _ => Ok("Operation succeeded".to_owned()),
    })
    .retry(RetryStrategy::fixed(Duration::from_secs(1)).max_attempts(3))
    .await
}

#[durable::handler]
pub(crate) async fn is_interrupted(input: String, ctx: DurableContext) -> Result<String> {
    ctx.step("at_most_once_flaky_step", async |_| {
        tracing::info!("about to end the process: {input}");
        end_process().await;
        Ok(input.clone())
    })
    .semantics(StepSemantics::AtMostOncePerRetry)
    .retry(RetryStrategy::none())
    .await
}

#[durable::handler]
pub(crate) async fn is_not_retried(_: (), ctx: DurableContext) -> Result<()> {
    ctx.step("hopeless", async |_| Err::<(), _>(Error::msg("it fails"))).retry(RetryStrategy::none()).await?;
    Ok(())
}

#[durable::handler]
pub(crate) async fn falls_back(_: (), ctx: DurableContext) -> Result<String> {
    let tried = ctx
        .step("hopeless", async |_| Err::<String, _>(Error::msg("it fails")))
        .retry(RetryStrategy::none())
        .await;
    match tried {
        Ok(done) => Ok(done),
        Err(_) => ctx.step("fall-back", async |_| Ok("fallback_result".to_owned())).await,
    }
}
