//! Conditions: states, strategies, failures.

use std::ops::ControlFlow::{Break, Continue};

use durable::error::BoxError;
use durable::operation::UNNAMED;
use durable::prelude::*;
use durable::retry::{FixedDelay, WaitStrategy};
use durable::serdes::{DeserializeValue, SerdesContext, SerializeValue};
use serde::{Deserialize, Serialize};

fn every_second() -> FixedDelay {
    WaitStrategy::fixed(Duration::from_secs(1))
}

#[durable::handler]
pub(crate) async fn counts(threshold: u32, ctx: DurableContext) -> Result<u32> {
    ctx.wait_for_condition("count", 0, async |count, _| match count + 1 {
        count if count >= threshold => Ok(Break(count)),
        count => Ok(Continue(count)),
    })
    .strategy(every_second())
    .await
}

#[durable::handler]
pub(crate) async fn is_met_at_once(threshold: u32, ctx: DurableContext) -> Result<u32> {
    ctx.wait_for_condition(UNNAMED, threshold, async |state, _| {
        Ok(if state >= threshold { Break(state) } else { Continue(state) })
    })
    .await
}

#[durable::handler]
pub(crate) async fn by_name(threshold: u32, ctx: DurableContext) -> Result<u32> {
    ctx.wait_for_condition("poll-status", 0, async |count, _| match count + 1 {
        count if count >= threshold => Ok(Break(count)),
        count => Ok(Continue(count)),
    })
    .strategy(every_second())
    .await
}

#[durable::handler]
pub(crate) async fn every_two_seconds(threshold: u32, ctx: DurableContext) -> Result<u32> {
    ctx.wait_for_condition("count", 0, async |count, _| match count + 1 {
        count if count >= threshold => Ok(Break(count)),
        count => Ok(Continue(count)),
    })
    .strategy(WaitStrategy::fixed(Duration::from_secs(2)))
    .await
}

#[durable::handler]
pub(crate) async fn is_never_met(_: u32, ctx: DurableContext) -> Result<u32> {
    ctx.wait_for_condition("count", 0, async |count, _| match count + 1 {
        u32::MAX => Ok(Break(count)),
        count => Ok(Continue(count)),
    })
    .strategy(every_second().max_attempts(3))
    .await
}

#[durable::handler]
pub(crate) async fn fails(_: (), ctx: DurableContext) -> Result<u32> {
    ctx.wait_for_condition("check", 0, async |_, _| Err(Error::msg("the check fails"))).await
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Pending,
    Done,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Job {
    status: Status,
    attempts: u32,
}

#[durable::handler]
pub(crate) async fn structured(_: (), ctx: DurableContext) -> Result<Job> {
    ctx.wait_for_condition("job", Job { status: Status::Pending, attempts: 0 }, async |job, _| {
        match job.attempts + 1 {
            attempts if attempts >= 2 => Ok(Break(Job { status: Status::Done, attempts })),
            attempts => Ok(Continue(Job { attempts, ..job })),
        }
    })
    .strategy(every_second())
    .await
}

#[durable::handler]
pub(crate) async fn nothing(_: (), ctx: DurableContext) -> Result<()> {
    ctx.wait_for_condition("nothing", (), async |_, _| Ok(Break(()))).await?;
    Ok(())
}

/// Records texts back to front.
struct Reversed;

impl SerializeValue<String> for Reversed {
    async fn serialize(&self, value: &String, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(value.chars().rev().collect())
    }
}

impl DeserializeValue<String> for Reversed {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(text.chars().rev().collect())
    }
}

#[durable::handler]
pub(crate) async fn with_a_serdes(_: (), ctx: DurableContext) -> Result<String> {
    let grow = async |text, _| match format!("{text}x") {
        text if text.len() >= 2 => Ok(Break(text)),
        text => Ok(Continue(text)),
    };
    ctx.using(Reversed).wait_for_condition("grow", String::new(), grow).strategy(every_second()).await
}

#[durable::handler]
pub(crate) async fn then_a_step(threshold: u32, ctx: DurableContext) -> Result<u32> {
    let counted = ctx
        .wait_for_condition("count", 0, async |count, _| match count + 1 {
            count if count >= threshold => Ok(Break(count)),
            count => Ok(Continue(count)),
        })
        .strategy(every_second())
        .await?;
    ctx.step("multiply", async |_| Ok(counted * 10)).await
}
