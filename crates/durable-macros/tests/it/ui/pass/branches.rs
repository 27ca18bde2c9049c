//! Branches of races and joins: operations, spawned operations and async blocks that end with a plain `Ok`.

use durable::operation::Operation;
use durable::prelude::*;
use durable::{join, race, try_join};

enum Answer {
    Given(bool),
    Overdue,
}

#[durable::step]
async fn charge(order: String) -> std::io::Result<String> {
    Ok(order)
}

async fn blocks(_: (), ctx: DurableContext) -> Result<bool> {
    let approval = ctx.create_callback("approval").await?;
    let answer = race!(ctx, "approval or deadline", async { Ok(Answer::Given(approval.await?)) }, async {
        ctx.wait("deadline", Duration::from_hours(24)).await?;
        Ok(Answer::Overdue)
    })
    .await?;
    let named = async {
        let text = std::fs::read_to_string("stock")?;
        Ok(text.parse::<u32>()?)
    };
    let (stock, ()) = try_join!(ctx, "checks", named, async { Ok(()) }).await?;
    Ok(match answer {
        Answer::Given(is_approved) => is_approved,
        Answer::Overdue => stock > 0,
    })
}

async fn mixed(order: String, ctx: DurableContext) -> Result<String> {
    let spawned = ctx.step("spawned", async |_| Ok("spawned".to_owned())).spawn();
    let first = race!(
        ctx,
        "first",
        spawned,
        ctx.step("builder", async |_| Ok("builder".to_owned())).retry(RetryStrategy::none()),
        charge(&ctx, order.clone()),
        async {
            ctx.wait("deadline", Duration::from_hours(24)).await?;
            Ok(format!("no answer to {order}"))
        },
        async { if order.is_empty() { Err(Error::msg("no order")) } else { Ok(order.clone()) } },
    )
    .await?;
    let (number, (), text, flag) = try_join!(
        ctx,
        "all",
        ctx.step("number", async |_| Ok(1)).spawn(),
        ctx.wait("pause", Duration::from_secs(1)),
        charge(&ctx, order.clone()),
        async { Ok(first.is_empty()) },
    )
    .await?;
    Ok(format!("{number} {text} {flag}"))
}

async fn vectors(_: (), ctx: DurableContext) -> Result<u64> {
    let waits = (1..4).map(|hours| {
        let ctx = &ctx;
        async move {
            ctx.wait(format!("hours-{hours}"), Duration::from_hours(hours)).await?;
            Ok(hours)
        }
    });
    let first = ctx.race("first", waits.clone().collect::<Vec<_>>()).await?;
    let all = ctx.try_join("all", waits.collect::<Vec<_>>()).await?;
    Ok(first + all.iter().sum::<u64>())
}

/// The branches of `join!` can have any output, so a plain `Ok` does not say which error it stands for.
async fn any_outputs(_: (), ctx: DurableContext) -> Result<u32> {
    let chain = async {
        ctx.wait("pause", Duration::from_secs(1)).await?;
        durable::Ok(1)
    };
    let (chain, other, step) = join!(chain, async { 2 }, ctx.step("step", async |_| Ok(3))).await;
    Ok(chain? + other + step?)
}

fn is_send<I, T: Send>(_: impl Fn(I, DurableContext) -> T) {}

fn main() {
    is_send(blocks);
    is_send(mixed);
    is_send(vectors);
    is_send(any_outputs);
}
