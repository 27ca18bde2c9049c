//! Callbacks: answers, failures, timeouts, order.

use durable::error::BoxError;
use durable::operation::Callback;
use durable::prelude::*;
use durable::serdes::{DeserializeValue, SerdesContext, SerializeValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[durable::handler]
pub(crate) async fn answered(name: String, ctx: DurableContext) -> Result<Value> {
    ctx.create_callback(&name).await?.await
}

#[durable::handler]
pub(crate) async fn approval(_: (), ctx: DurableContext) -> Result<Value> {
    ctx.create_callback("approval").await?.await
}

#[durable::handler]
pub(crate) async fn times_out(name: String, ctx: DurableContext) -> Result<Value> {
    let callback = ctx.create_callback(&name).timeout(Duration::from_secs(5)).await?;
    callback.await
}

#[durable::handler]
pub(crate) async fn misses_a_heartbeat(name: String, ctx: DurableContext) -> Result<Value> {
    let callback = ctx.create_callback(&name).heartbeat_timeout(Duration::from_secs(5)).await?;
    callback.await
}

#[durable::handler]
pub(crate) async fn kept_alive(name: String, ctx: DurableContext) -> Result<Value> {
    let callback = ctx.create_callback(&name).heartbeat_timeout(Duration::from_secs(10)).await?;
    callback.await
}

#[durable::handler]
pub(crate) async fn times_out_after_a_step(name: String, ctx: DurableContext) -> Result<Value> {
    let callback = ctx.create_callback(&name).timeout(Duration::from_secs(5)).await?;
    ctx.step("meanwhile", async |_| Ok(())).await?;
    callback.await
}

#[durable::handler]
pub(crate) async fn answered_while_waiting(name: String, ctx: DurableContext) -> Result<Value> {
    let callback = ctx.create_callback(&name).await?;
    ctx.wait("meanwhile", Duration::from_secs(5)).await?;
    callback.await
}

#[durable::handler]
pub(crate) async fn then_wait(name: String, ctx: DurableContext) -> Result<Value> {
    let answer = ctx.create_callback(&name).await?.await?;
    ctx.wait("pause", Duration::from_secs(2)).await?;
    Ok(answer)
}

#[durable::handler]
pub(crate) async fn rejected_then_wait(name: String, ctx: DurableContext) -> Result<String> {
    let answer: Result<String, _> = ctx.create_callback(&name).await?.await;
    let told = answer.unwrap_or_else(|error| error.to_string());
    ctx.wait("pause", Duration::from_secs(2)).await?;
    Ok(told)
}

#[durable::handler]
pub(crate) async fn timed_out_then_wait(name: String, ctx: DurableContext) -> Result<String> {
    let callback: Callback<'_, String> = ctx.create_callback(&name).timeout(Duration::from_secs(3)).await?;
    let told = match callback.await {
        Err(error) if error.is_timeout() => "timed-out-handled".to_owned(),
        answer => answer?,
    };
    ctx.wait("pause", Duration::from_secs(2)).await?;
    Ok(told)
}

#[durable::handler]
pub(crate) async fn one_after_the_other(
    (first, second): (String, String),
    ctx: DurableContext,
) -> Result<(Value, Value)> {
    let first = ctx.create_callback(&first).await?.await?;
    let second = ctx.create_callback(&second).await?.await?;
    Ok((first, second))
}

#[durable::handler]
pub(crate) async fn side_by_side(
    (first, second): (String, String),
    ctx: DurableContext,
) -> Result<(Value, Value)> {
    let first = ctx.create_callback(&first).await?;
    let second = ctx.create_callback(&second).await?;
    Ok((first.await?, second.await?))
}

/// What another system sends, with its time as a count of seconds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Message {
    id: String,
    message: String,
    timestamp: i64,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Received {
    received: Message,
}

/// Reads messages whose time is written out.
struct Dated;

impl SerializeValue<Message> for Dated {
    async fn serialize(&self, value: &Message, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(serde_json::to_string(value)?)
    }
}

impl DeserializeValue<Message> for Dated {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<Message, BoxError> {
        #[derive(Deserialize)]
        struct Written {
            id: String,
            message: String,
            timestamp: String,
        }
        let Written { id, message, timestamp } = serde_json::from_str(text)?;
        Ok(Message { id, message, timestamp: seconds(&timestamp)? })
    }
}

/// The seconds since 1970 of the beginning of a year.
fn seconds(timestamp: &str) -> Result<i64, BoxError> {
    let year: i64 =
        timestamp.strip_suffix("-01-01T00:00:00.000Z").ok_or("not the beginning of a year")?.parse()?;
    let days = (1970..year)
        .map(|year| if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366 } else { 365 });
    Ok(days.sum::<i64>() * 86_400)
}

#[durable::handler]
pub(crate) async fn with_a_serdes(name: String, ctx: DurableContext) -> Result<Received> {
    let received = ctx.using(Dated).create_callback(&name).await?.await?;
    Ok(Received { received })
}
