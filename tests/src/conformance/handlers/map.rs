//! Maps: items, names, rules of completion, large results.

use durable::batch::{BatchItem, BatchResult, CompletionReason};
use durable::error::BoxError;
use durable::operation::UNNAMED;
use durable::prelude::*;
use durable::serdes::{DeserializeValue, SerdesContext, SerializeValue};
use serde::{Deserialize, Serialize};

use super::serdes::Wrapped;
use super::summary::{Counts, Successes, Summary};

#[durable::handler]
pub(crate) async fn greet(names: Vec<String>, ctx: DurableContext) -> Result<Vec<String>> {
    let greetings = ctx
        .map("map", &names, async |ctx, name, _| {
            ctx.step("greet", async |_| Ok(format!("Hello, {name}!"))).await
        })
        .max_concurrency(1)
        .await?;
    greetings.into_result()
}

#[durable::handler]
pub(crate) async fn double(numbers: Vec<u32>, ctx: DurableContext) -> Result<Vec<u32>> {
    let doubled = ctx.map(UNNAMED, numbers, async |_, number, _| Ok(number * 2)).max_concurrency(1).await?;
    doubled.into_result()
}

#[durable::handler]
pub(crate) async fn fails_fast(_: (), ctx: DurableContext) -> Result<Summary> {
    let batch = ctx
        .map("fail-fast", ["ok", "fail", "never"], async |_, item, _| match item {
            "fail" => Err(Error::msg("it fails")),
            item => Ok(item.to_owned()),
        })
        .max_concurrency(1)
        .tolerated_failure_count(0)
        .await?;
    Ok(Summary::of(&batch))
}

#[durable::handler]
pub(crate) async fn failure_is_returned(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let batch = ctx
        .map("throwing", ["fail", "never"], async |_, item, _| match item {
            "fail" => Err(Error::msg("it fails")),
            item => Ok(item.to_owned()),
        })
        .max_concurrency(1)
        .tolerated_failure_count(0)
        .await?;
    batch.into_result()
}

#[durable::handler]
pub(crate) async fn enough_succeed(_: (), ctx: DurableContext) -> Result<Successes> {
    let batch = ctx
        .map("enough", ["a", "b", "c", "d"], async |_, item, _| Ok(item.to_owned()))
        .max_concurrency(1)
        .min_successful(2)
        .await?;
    Ok(Successes::of(&batch))
}

#[durable::handler]
pub(crate) async fn one_failure_is_tolerated(_: (), ctx: DurableContext) -> Result<Summary> {
    let batch = ctx
        .map("tolerant", ["ok", "fail", "ok"], async |_, item, _| match item {
            "fail" => Err(Error::msg("it fails")),
            item => Ok(item.to_owned()),
        })
        .max_concurrency(1)
        .tolerated_failure_count(1)
        .await?;
    Ok(Summary::of(&batch))
}

#[durable::handler]
pub(crate) async fn two_failures_are_not(_: (), ctx: DurableContext) -> Result<Counts> {
    let batch = ctx
        .map("intolerant", ["fail", "fail", "never"], async |_, item, _| match item {
            "fail" => Err(Error::msg("it fails")),
            item => Ok(item.to_owned()),
        })
        .max_concurrency(1)
        .tolerated_failure_count(1)
        .await?;
    Ok(Counts::of(&batch))
}

#[durable::handler]
pub(crate) async fn two_at_a_time(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let batch =
        ctx.map("two", 0..3, async |_, number, _| Ok(format!("r{number}"))).max_concurrency(2).await?;
    batch.into_result()
}

#[durable::handler]
pub(crate) async fn flat(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let batch = ctx
        .map("flat", ["fa", "fb"], async |ctx, item, _| ctx.step("echo", async |_| Ok(item.to_owned())).await)
        .max_concurrency(1)
        .flat()
        .await?;
    batch.into_result()
}

#[durable::handler]
pub(crate) async fn named_items(numbers: Vec<u32>, ctx: DurableContext) -> Result<Vec<u32>> {
    let batch = ctx
        .map("named-items", &numbers, async |_, number, _| Ok(number * 10))
        .item_names(|number, _| format!("item-{number}"))
        .max_concurrency(1)
        .await?;
    batch.into_result()
}

#[durable::handler]
pub(crate) async fn with_a_serdes(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let batch = ctx
        .using(Wrapped)
        .map("serdes", ["x", "y"], async |_, item, _| Ok(item.to_uppercase()))
        .max_concurrency(1)
        .await?;
    batch.into_result()
}

/// Records the results of all items in one line.
struct Line;

impl SerializeValue<BatchResult<String>> for Line {
    async fn serialize(&self, batch: &BatchResult<String>, _: SerdesContext<'_>) -> Result<String, BoxError> {
        let values: Vec<_> = batch.values().map(String::as_str).collect();
        Ok(format!("OPSERDE:{}", values.join(",")))
    }
}

impl DeserializeValue<BatchResult<String>> for Line {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<BatchResult<String>, BoxError> {
        let values = text.strip_prefix("OPSERDE:").ok_or("this is no such line")?.split(',');
        let item = |(index, value): (usize, &str)| BatchItem::new(index, None, Some(Ok(value.to_owned())));
        Ok(BatchResult::new(values.enumerate().map(item).collect(), CompletionReason::AllCompleted))
    }
}

#[durable::handler]
pub(crate) async fn with_a_serdes_of_its_own(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let batch = ctx
        .map("line", ["x", "y"], async |_, item, _| Ok(item.to_uppercase()))
        .max_concurrency(1)
        .batch_serdes(Line)
        .await?;
    batch.into_result()
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Large {
    success_count: usize,
    total_count: usize,
}

#[durable::handler]
pub(crate) async fn large(_: (), ctx: DurableContext) -> Result<Large> {
    let batch = ctx.map("large", 0..4, async |_, _, _| Ok("x".repeat(70_000))).max_concurrency(1).await?;
    Ok(Large { success_count: batch.success_count(), total_count: batch.len() })
}

#[durable::handler]
pub(crate) async fn then_wait(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let batch = ctx
        .map("capitals", ["a", "b"], async |_, item, _| Ok(item.to_uppercase()))
        .max_concurrency(1)
        .await?;
    ctx.wait("pause", Duration::from_secs(1)).await?;
    batch.into_result()
}
