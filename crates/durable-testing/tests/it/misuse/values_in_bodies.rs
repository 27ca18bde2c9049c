//! Values that count how often they were asked for, in bodies that do not run on replay.

use std::ops::ControlFlow::Break;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};

use super::{Problems, SECOND, run};

const VALUES: [&str; 3] = ["uuid", "random", "now"];

/// Asks for a value under the name `key`.
fn ask(value: &str, ctx: &DurableContext) -> String {
    match value {
        "uuid" => ctx.uuid("key").to_string(),
        "random" => ctx.random("key").to_string(),
        _ => format!("{:?}", ctx.now("key")),
    }
}

/// Asks for a value in the body of each kind of operation whose body is recorded as one whole.
async fn in_body(value: &str, kind: &str, ctx: DurableContext) -> Result<()> {
    match kind {
        "step" => drop(ctx.step("pay", async |_| Ok(ask(value, &ctx))).await?),
        "condition" => {
            let check = async |(), _| Ok(Break(ask(value, &ctx)));
            ctx.wait_for_condition("pay", (), check).await?;
        }
        "submitter" => {
            let asked = ctx.wait_for_callback::<usize, _, _>("pay", async |_, _| {
                ask(value, &ctx);
                Ok(())
            });
            asked.await?;
        }
        "compensation" => {
            let saga = ctx.saga("order", async |_, saga| {
                let paid = saga.step("book", async |_| Ok(1)).compensate(async |_, _| {
                    ask(value, &ctx);
                    Ok(())
                });
                paid.await?;
                Err::<(), _>(Error::msg("sold out"))
            });
            drop(saga.await);
        }
        _ => return Err(Error::msg(format!("there is no {kind}"))),
    }
    ctx.wait("pause", SECOND).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_value_is_rejected_in_the_body_of_every_kind_of_step() {
    let mut problems = Problems::default();
    for value in VALUES {
        for kind in ["step", "condition", "submitter", "compensation"] {
            let label = format!("{value} in a {kind}");

            let ended = run(|(), ctx| in_body(value, kind, ctx)).await;

            problems.expect_rejection(&label, ended.as_ref(), &["`key`", value]);
        }
    }
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn the_key_of_a_payment_in_the_body_of_its_step_is_rejected_before_it_is_charged() {
    let handler = async |(): (), ctx: DurableContext| -> Result<()> {
        for payment in 0..3 {
            let pay = ctx.step(format!("pay-{payment}"), async |step| {
                let key = ctx.uuid("key");
                match step.attempt() {
                    1 if payment == 2 => Err(Error::msg("try again")),
                    _ => Ok(key.to_string()),
                }
            });
            pay.retry(RetryStrategy::fixed(SECOND)).await?;
        }
        Ok(())
    };

    let ended = run(handler).await;

    let mut problems = Problems::default();
    problems.expect_rejection("payments", ended.as_ref(), &["`key`", "`pay-0`"]);
    problems.assert_none();
}

/// Asks the context of the handler for a value, in the body of each kind of operation that has a context.
async fn through_outer(value: &str, kind: &str, ctx: DurableContext) -> Result<()> {
    let ask = || Ok(ask(value, &ctx));
    match kind {
        "child" => drop(ctx.run_in_child_context("order", async |_| ask()).await?),
        "virtual child" => {
            drop(ctx.run_in_child_context("order", async |_| ask()).virtual_context().await?);
        }
        "map" => drop(ctx.map("order", 0..1, async |_, _, _| ask()).await?),
        "parallel" => drop(ctx.parallel("order").branch("a", async |_| ask()).await?),
        "block" => drop(ctx.with_retry("order", async |_, _| ask()).await?),
        "saga" => drop(ctx.saga("order", async |_, _| ask()).await?),
        _ => return Err(Error::msg(format!("there is no {kind}"))),
    }
    ctx.wait("pause", SECOND).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_value_of_the_handler_is_rejected_in_the_body_of_every_context() {
    let mut problems = Problems::default();
    for value in VALUES {
        for kind in ["child", "virtual child", "map", "parallel", "block", "saga"] {
            let label = format!("{value} through the outer context in a {kind}");

            let ended = run(|(), ctx| through_outer(value, kind, ctx)).await;

            problems.expect_rejection(&label, ended.as_ref(), &["`key`", value, "`order`"]);
        }
    }
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn the_values_of_a_context_are_the_same_in_its_own_body() {
    let handler = async |(): (), ctx: DurableContext| -> Result<bool> {
        let child = ctx.run_in_child_context("order", async |ctx| {
            let keys = VALUES.map(|value| ask(value, &ctx));
            let kept = ctx.step("keep", async |_| Ok(keys.to_vec())).await?;
            ctx.wait("pause", SECOND).await?;
            Ok(kept == keys)
        });
        child.await
    };

    let execution = run(handler).await.unwrap();

    assert!(execution.result::<bool>().unwrap());
}
