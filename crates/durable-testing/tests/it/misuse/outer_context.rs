//! A context that is used in the body of another one.

use std::sync::Mutex;

use durable_core::operation::Operation;
use durable_core::{DurableContext, Error, Result};

use super::{Problems, SECOND, run};

/// What is wrong: a step of the outer context in the body of the inner one. A pause has it replayed.
async fn label(ctx: &DurableContext) -> Result<usize> {
    let labeled = ctx.step("label", async |_| Ok(1)).await?;
    ctx.wait("pause", SECOND).await?;
    Ok(labeled)
}

/// Uses the context of the handler in the body of each kind of operation that has one.
async fn of_handler(kind: &str, ctx: DurableContext) -> Result<usize> {
    match kind {
        "child" => Ok(ctx.run_in_child_context("ship", async |_| label(&ctx).await).await?),
        "virtual child" => {
            let child = ctx.run_in_child_context("ship", async |_| label(&ctx).await);
            Ok(child.virtual_context().await?)
        }
        "map" => {
            let map = ctx.map("ship", 0..2, async |_, _, _| label(&ctx).await);
            Ok(map.await?.into_result()?.len())
        }
        "flat map" => {
            let map = ctx.map("ship", 0..2, async |_, _, _| label(&ctx).await).flat();
            Ok(map.await?.into_result()?.len())
        }
        "parallel" => {
            let parallel = ctx.parallel("ship").branch("left", async |_| label(&ctx).await);
            Ok(parallel.await?.into_result()?.len())
        }
        "block" => Ok(ctx.with_retry("ship", async |_, _| label(&ctx).await).await?),
        "saga" => Ok(ctx.saga("ship", async |_, _| label(&ctx).await).await?),
        "spawned child" => {
            let outer = ctx.clone();
            let child = ctx.run_in_child_context("ship", move |_| {
                let outer = outer.clone();
                async move { label(&outer).await }
            });
            Ok(child.spawn().await?)
        }
        _ => Err(Error::msg(format!("there is no {kind}"))),
    }
}

#[tokio::test(start_paused = true)]
async fn the_context_of_the_handler_is_rejected_in_every_body() {
    let mut problems = Problems::default();
    for kind in ["child", "virtual child", "map", "flat map", "parallel", "block", "saga", "spawned child"] {
        let ended = run(|(), ctx| of_handler(kind, ctx)).await;

        problems.expect_rejection(kind, ended.as_ref(), &["`label`", "`ship`"]);
        if ended.is_some_and(|execution| execution.operation("label").is_some()) {
            problems.add(kind, "the step was recorded");
        }
    }
    problems.assert_none();
}

/// Uses the context of the handler in the body of a child for each kind of operation.
async fn in_child(kind: &str, ctx: DurableContext) -> Result<usize> {
    let child = ctx.run_in_child_context("ship", async |_| {
        match kind {
            "wait" => ctx.wait("label", SECOND).await?,
            "child" => ctx.run_in_child_context("label", async |_| Ok(())).await?,
            "callback" => drop(ctx.create_callback::<usize>("label").await?),
            "submitted callback" => {
                let _: usize = ctx.wait_for_callback("label", async |_, _| Ok(())).await?;
            }
            "call" => {
                let _: usize = ctx.invoke("label", "add", 1_usize).await?;
            }
            "condition" => {
                let check = async |(), _| Ok(std::ops::ControlFlow::Break(()));
                ctx.wait_for_condition("label", (), check).await?;
            }
            "map" => drop(ctx.map("label", 0..1, async |_, _, _| Ok(())).await?),
            "empty map" => drop(ctx.map("label", 0..0, async |_, _, _| Ok(())).await?),
            "parallel" => drop(ctx.parallel::<usize>("label").branch("a", async |_| Ok(1)).await?),
            "block" => ctx.with_retry("label", async |_, _| Ok(())).await?,
            "saga" => ctx.saga("label", async |_, _| Ok(())).await?,
            "race" => {
                let _ = ctx.race("label", vec![async { Ok(1) }]).await?;
            }
            "failed join" => {
                drop(ctx.try_join("label", vec![async { Err::<(), _>(Error::msg("no")) }]).await);
            }
            "spawned" => {
                let _ = ctx.step("label", async |_| Ok(1)).spawn().await?;
            }
            "patched" => {
                let _ = ctx.patched("label");
            }
            _ => return Err(Error::msg(format!("there is no {kind}"))),
        }
        Ok(1)
    });
    child.await
}

#[tokio::test(start_paused = true)]
async fn the_context_of_the_handler_is_rejected_for_every_operation() {
    let kinds = [
        "wait",
        "child",
        "callback",
        "submitted callback",
        "call",
        "condition",
        "map",
        "empty map",
        "parallel",
        "block",
        "saga",
        "race",
        "failed join",
        "spawned",
        "patched",
    ];
    let mut problems = Problems::default();
    for kind in kinds {
        let ended = run(|(), ctx| in_child(kind, ctx)).await;

        problems.expect_rejection(kind, ended.as_ref(), &["`label`", "`ship`"]);
    }
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn the_context_of_a_child_is_rejected_in_the_child_of_that_and_both_are_named() {
    let handler = async |(): (), ctx: DurableContext| -> Result<usize> {
        let order = ctx.run_in_child_context("order", async |order| {
            order.run_in_child_context("ship", async |_| label(&order).await).await
        });
        order.await
    };

    let ended = run(handler).await;

    let mut problems = Problems::default();
    problems.expect_rejection("child in child", ended.as_ref(), &["`label`", "`order`", "`ship`"]);
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn the_context_of_the_handler_is_rejected_two_levels_below() {
    let handler = async |(): (), ctx: DurableContext| -> Result<usize> {
        let order = ctx.run_in_child_context("order", async |order| {
            Ok(order.map("ship", 0..1, async |_, _, _| label(&ctx).await).await?.len())
        });
        order.await
    };

    let ended = run(handler).await;

    let mut problems = Problems::default();
    problems.expect_rejection("two levels", ended.as_ref(), &["`label`", "`ship`"]);
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn the_context_of_one_item_is_rejected_in_another_one() {
    let first = Mutex::new(None);
    let handler = async |(): (), ctx: DurableContext| -> Result<usize> {
        let map = ctx.map("ship", 0..2, async |ctx, item, _| {
            if item == 0 {
                *first.lock().unwrap() = Some(ctx.clone());
                ctx.wait("pause", SECOND).await?;
                return Ok(0);
            }
            let other = first.lock().unwrap().clone();
            label(&other.ok_or_else(|| Error::msg("the first item began first"))?).await
        });
        Ok(map.await?.into_result()?.len())
    };

    let ended = run(handler).await;

    let mut problems = Problems::default();
    problems.expect_rejection("items", ended.as_ref(), &["`label`"]);
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn the_context_of_a_child_is_rejected_in_the_handler_while_and_after_the_child_runs() {
    let mut problems = Problems::default();
    for (label_of, is_after) in [("beside", false), ("after", true)] {
        let inner = Mutex::new(None);
        let handler = async |(): (), ctx: DurableContext| -> Result<usize> {
            let child = ctx.run_in_child_context("ship", async |ctx| {
                *inner.lock().unwrap() = Some(ctx.clone());
                let packed = ctx.step("pack", async |_| Ok(1)).await?;
                if !is_after {
                    ctx.wait("pause", SECOND).await?;
                }
                Ok(packed)
            });
            let mut child = Box::pin(child.into_future());
            if is_after {
                child.await?;
                let inner = inner.lock().unwrap().clone();
                return label(&inner.ok_or_else(|| Error::msg("it ran"))?).await;
            }
            let beside = async {
                ctx.step("beside", async |_| Ok(())).await?;
                let inner = inner.lock().unwrap().clone();
                label(&inner.ok_or_else(|| Error::msg("it runs"))?).await
            };
            let (labeled, packed) = tokio::join!(beside, &mut child);
            Ok(labeled? + packed?)
        };

        problems.expect_rejection(label_of, run(handler).await.as_ref(), &["`label`", "`ship`"]);
    }
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn a_future_of_the_handler_may_be_awaited_in_the_body_of_a_child() {
    let handler = async |(): (), ctx: DurableContext| -> Result<usize> {
        let packed = Mutex::new(Some(Box::pin(ctx.step("pack", async |_| Ok(1_usize)).into_future())));
        let child = ctx.run_in_child_context("ship", async |ctx| {
            let packed = packed.lock().unwrap().take();
            let packed = packed.ok_or_else(|| Error::msg("the body runs once"))?.await?;
            ctx.step("label", async |_| Ok(packed + 1)).await
        });
        let labeled = child.await?;
        ctx.wait("pause", SECOND).await?;
        Ok(labeled)
    };

    let execution = run(handler).await.unwrap();

    assert_eq!(execution.result::<usize>().unwrap(), 2);
}
