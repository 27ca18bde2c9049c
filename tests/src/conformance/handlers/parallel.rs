//! Parallels: branches, names, rules of completion.

use durable::error::BoxError;
use durable::operation::UNNAMED;
use durable::prelude::*;
use durable::serdes::{DeserializeValue, SerdesContext, SerializeValue};
use serde::{Deserialize, Serialize};

use super::summary::{Counts, Successes, Summary};

#[durable::handler]
pub(crate) async fn steps(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let tasks = ctx
        .parallel("parallel")
        .branch("first", async |ctx| ctx.step("task", async |_| Ok("task-1".to_owned())).await)
        .branch("second", async |ctx| ctx.step("task", async |_| Ok("task-2".to_owned())).await)
        .max_concurrency(1)
        .await?;
    tasks.into_result()
}

#[durable::handler]
pub(crate) async fn unnamed(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let letters = ctx
        .parallel(UNNAMED)
        .branch(UNNAMED, async |_| Ok("alpha".to_owned()))
        .branch(UNNAMED, async |_| Ok("beta".to_owned()))
        .max_concurrency(1)
        .await?;
    letters.into_result()
}

#[durable::handler]
pub(crate) async fn named_branches(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let numbers = ctx
        .parallel("named")
        .branch("first", async |_| Ok("one".to_owned()))
        .branch("second", async |_| Ok("two".to_owned()))
        .max_concurrency(1)
        .await?;
    numbers.into_result()
}

#[durable::handler]
pub(crate) async fn empty(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    ctx.parallel("empty").await?.into_result()
}

#[durable::handler]
pub(crate) async fn fails_fast(_: (), ctx: DurableContext) -> Result<Summary> {
    let batch = ctx
        .parallel("fail-fast")
        .branch("works", async |_| Ok("ok".to_owned()))
        .branch("fails", async |_| Err(Error::msg("it fails")))
        .branch("never", async |_| Ok("never".to_owned()))
        .max_concurrency(1)
        .tolerated_failure_count(0)
        .await?;
    Ok(Summary::of(&batch))
}

#[durable::handler]
pub(crate) async fn failure_is_returned(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let batch = ctx
        .parallel("fail-fast")
        .branch("fails", async |_| Err(Error::msg("it fails")))
        .branch("never", async |_| Ok("never".to_owned()))
        .max_concurrency(1)
        .tolerated_failure_count(0)
        .await?;
    batch.into_result()
}

#[durable::handler]
pub(crate) async fn enough_succeed(_: (), ctx: DurableContext) -> Result<Successes> {
    let batch = ctx
        .parallel("enough")
        .branch("a", async |_| Ok("a".to_owned()))
        .branch("b", async |_| Ok("b".to_owned()))
        .branch("c", async |_| Ok("c".to_owned()))
        .branch("d", async |_| Ok("d".to_owned()))
        .max_concurrency(1)
        .min_successful(2)
        .await?;
    Ok(Successes::of(&batch))
}

#[durable::handler]
pub(crate) async fn one_failure_is_tolerated(_: (), ctx: DurableContext) -> Result<Summary> {
    let batch = ctx
        .parallel("tolerant")
        .branch("a", async |_| Ok("a".to_owned()))
        .branch("b", async |_| Err(Error::msg("b fails")))
        .branch("c", async |_| Ok("c".to_owned()))
        .max_concurrency(1)
        .tolerated_failure_count(1)
        .await?;
    Ok(Summary::of(&batch))
}

#[durable::handler]
pub(crate) async fn two_at_a_time(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let batch = ctx
        .parallel("two-at-a-time")
        .branch(UNNAMED, async |_| Ok("r0".to_owned()))
        .branch(UNNAMED, async |_| Ok("r1".to_owned()))
        .branch(UNNAMED, async |_| Ok("r2".to_owned()))
        .max_concurrency(2)
        .await?;
    batch.into_result()
}

#[durable::handler]
pub(crate) async fn flat(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let batch = ctx
        .parallel("flat")
        .branch("a", async |ctx| ctx.step("step", async |_| Ok("fa".to_owned())).await)
        .branch("b", async |ctx| ctx.step("step", async |_| Ok("fb".to_owned())).await)
        .max_concurrency(1)
        .flat()
        .await?;
    batch.into_result()
}

#[durable::handler]
pub(crate) async fn a_quarter_may_fail(_: (), ctx: DurableContext) -> Result<Counts> {
    let batch = ctx
        .parallel("quarter")
        .branch("a", async |_| Err(Error::msg("a fails")))
        .branch("b", async |_| Err(Error::msg("b fails")))
        .branch("c", async |_| Ok("never".to_owned()))
        .branch("d", async |_| Ok("never".to_owned()))
        .max_concurrency(1)
        .tolerated_failure_percentage(25.0)
        .await?;
    Ok(Counts::of(&batch))
}

#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    wrapped: &'a str,
}

/// Puts texts into an envelope.
struct Enveloped;

impl SerializeValue<String> for Enveloped {
    async fn serialize(&self, value: &String, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(serde_json::to_string(&Envelope { wrapped: value })?)
    }
}

impl DeserializeValue<String> for Enveloped {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<String, BoxError> {
        let Envelope { wrapped } = serde_json::from_str(text)?;
        Ok(wrapped.to_owned())
    }
}

#[durable::handler]
pub(crate) async fn with_a_serdes(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let batch = ctx
        .using(Enveloped)
        .parallel("serdes")
        .branch("x", async |_| Ok("x".to_owned()))
        .branch("y", async |_| Ok("y".to_owned()))
        .max_concurrency(1)
        .await?;
    batch.into_result()
}

#[durable::handler]
pub(crate) async fn all_may_fail(_: (), ctx: DurableContext) -> Result<Summary> {
    let batch = ctx
        .parallel("hopeless")
        .branch("a", async |_| Err::<(), _>(Error::msg("a fails")))
        .branch("b", async |_| Err(Error::msg("b fails")))
        .branch("c", async |_| Err(Error::msg("c fails")))
        .max_concurrency(1)
        .tolerated_failure_count(3)
        .await?;
    Ok(Summary::of(&batch))
}

#[durable::handler]
pub(crate) async fn too_few_succeed(_: (), ctx: DurableContext) -> Result<Summary> {
    let batch = ctx
        .parallel("too-few")
        .branch("a", async |_| Ok("a".to_owned()))
        .branch("b", async |_| Err(Error::msg("b fails")))
        .branch("c", async |_| Ok("c".to_owned()))
        .max_concurrency(1)
        .min_successful(3)
        .await?;
    Ok(Summary::of(&batch))
}

#[durable::handler]
pub(crate) async fn none_at_a_time(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let batch = ctx
        .parallel("none-at-a-time")
        .branch("a", async |_| Ok("a".to_owned()))
        .branch("b", async |_| Ok("b".to_owned()))
        .max_concurrency(0)
        .await?;
    batch.into_result()
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Accessors {
    has_failure: bool,
    success_count: usize,
    failure_count: usize,
    error_count: usize,
}

#[durable::handler]
pub(crate) async fn accessors(_: (), ctx: DurableContext) -> Result<Accessors> {
    let batch = ctx
        .parallel("tolerant")
        .branch("a", async |_| Ok("a".to_owned()))
        .branch("b", async |_| Err(Error::msg("b fails")))
        .branch("c", async |_| Ok("c".to_owned()))
        .max_concurrency(1)
        .tolerated_failure_count(1)
        .await?;
    Ok(Accessors {
        has_failure: batch.has_failure(),
        success_count: batch.values().count(),
        failure_count: batch.failure_count(),
        error_count: batch.errors().count(),
    })
}
