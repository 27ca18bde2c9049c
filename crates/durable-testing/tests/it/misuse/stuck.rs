//! Handlers that nothing can ever wake.

use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use durable_core::operation::Operation;
use durable_core::{DurableContext, Error, Result};

use super::{Problems, SECOND, run};

/// Waits for something that never comes, once an operation has ended or not, in every kind of body.
async fn stuck(kind: &str, ctx: DurableContext) -> Result<()> {
    let never = pending::<()>();
    match kind {
        "at once" => never.await,
        "after a step" => {
            ctx.step("work", async |_| Ok(())).await?;
            never.await;
        }
        "after a wait" => {
            ctx.wait("nap", SECOND).await?;
            never.await;
        }
        "beside a wait" => {
            let ((), waited) = tokio::join!(never, ctx.wait("nap", SECOND).into_future());
            waited?;
        }
        "beside a step" => {
            let ((), worked) = tokio::join!(never, ctx.step("work", async |_| Ok(())).into_future());
            worked?;
        }
        "beside a callback" => {
            let callback = ctx.create_callback::<usize>("answer").await?;
            let ((), answered) = tokio::join!(never, callback.into_future());
            answered?;
        }
        "beside what is spawned" => {
            let spawned = ctx.wait("nap", SECOND).spawn();
            never.await;
            spawned.await?;
        }
        "in a child" => {
            ctx.run_in_child_context("child", async |ctx| {
                ctx.step("work", async |_| Ok(())).await?;
                pending::<()>().await;
                Ok(())
            })
            .await?;
        }
        "in a virtual child" => {
            let child = ctx.run_in_child_context("child", async |_| {
                pending::<()>().await;
                Ok(())
            });
            child.virtual_context().await?;
        }
        "in a block" => {
            ctx.with_retry("block", async |_, _| {
                pending::<()>().await;
                Ok(())
            })
            .await?;
        }
        "in a saga" => {
            ctx.saga("saga", async |_, saga| {
                saga.step("book", async |_| Ok(1)).compensate(async |_, _| Ok(())).await?;
                pending::<()>().await;
                Ok(())
            })
            .await?;
        }
        "in an item" | "in a flat item" => {
            let items = ctx.map("items", 0..2, async |ctx, item: u32, _| {
                ctx.step("work", async |_| Ok(())).await?;
                if item == 1 {
                    pending::<()>().await;
                }
                Ok(item)
            });
            let items = if kind == "in a flat item" { items.flat() } else { items };
            items.await?;
        }
        "in an item of an item" => {
            let outer = ctx.map("outer", 0..2, async |ctx, _: u32, _| {
                let inner = ctx.map("inner", 0..2, async |_, item: u32, _| {
                    if item == 1 {
                        pending::<()>().await;
                    }
                    Ok(item)
                });
                Ok(inner.await?.len())
            });
            outer.await?;
        }
        "in a branch" => {
            let parallel = ctx.parallel("parallel").branch("stuck", async |_| {
                pending::<()>().await;
                Ok(())
            });
            parallel.branch("works", async |ctx| ctx.step("work", async |_| Ok(())).await).await?;
        }
        "in an item beside a wait" => {
            let items = ctx.map("items", 0..2, async |ctx, item: u32, _| {
                match item {
                    0 => ctx.wait("nap", SECOND).await?,
                    _ => pending::<()>().await,
                }
                Ok(item)
            });
            items.await?;
        }
        "in a spawned operation" => {
            let child = ctx.run_in_child_context("child", async |_| {
                pending::<()>().await;
                Ok(())
            });
            child.spawn().await?;
        }
        "in an item that awaits a spawned operation" => {
            let items = ctx.map("items", 0..2, async |ctx, item: u32, _| {
                let child = ctx.run_in_child_context("child", move |_| async move {
                    if item == 1 {
                        pending::<()>().await;
                    }
                    Ok(item)
                });
                child.spawn().await
            });
            items.await?;
        }
        "without a waker" => poll_fn(|_| Poll::<()>::Pending).await,
        _ => return Err(Error::msg(format!("there is no {kind}"))),
    }
    Ok(())
}

const KINDS: [&str; 19] = [
    "at once",
    "after a step",
    "after a wait",
    "beside a wait",
    "beside a step",
    "beside a callback",
    "beside what is spawned",
    "in a child",
    "in a virtual child",
    "in a block",
    "in a saga",
    "in an item",
    "in a flat item",
    "in an item of an item",
    "in a branch",
    "in an item beside a wait",
    "in a spawned operation",
    "in an item that awaits a spawned operation",
    "without a waker",
];

#[tokio::test(start_paused = true)]
async fn a_handler_that_nothing_can_wake_fails_with_an_error_that_says_so() {
    let mut problems = Problems::default();
    for kind in KINDS {
        let ended = run(|(), ctx| stuck(kind, ctx)).await;

        problems.expect_failure(kind, ended.as_ref(), &[]);
        let error = ended.as_ref().and_then(|execution| execution.error()?.error_type.as_deref());
        if error == Some("NonDeterministicExecutionError") {
            problems.add(kind, "it is reported as a divergence");
        }
    }
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_is_stuck_on_replay_alone_fails() {
    let invocations = AtomicU32::new(0);
    let handler = async |(): (), ctx: DurableContext| -> Result<()> {
        let is_replay = invocations.fetch_add(1, Ordering::SeqCst) > 0;
        ctx.step("work", async |_| Ok(())).await?;
        if is_replay {
            pending::<()>().await;
        }
        ctx.wait("nap", SECOND).await?;
        Ok(())
    };

    let ended = run(handler).await;

    let mut problems = Problems::default();
    problems.expect_failure("replay", ended.as_ref(), &[]);
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_drops_what_never_comes_completes() {
    let handler = async |(): (), ctx: DurableContext| -> Result<String> {
        let winner = tokio::select! {
            () = pending() => "never",
            rested = ctx.wait("nap", SECOND) => { rested?; "nap" }
        };
        ctx.step("after", async |_| Ok(())).await?;
        Ok(winner.to_owned())
    };

    let execution = run(handler).await.unwrap();

    assert_eq!(execution.result::<String>().unwrap(), "nap");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_awaits_a_timer_or_another_task_is_not_stuck() {
    let handler = async |(): (), ctx: DurableContext| -> Result<u32> {
        tokio::time::sleep(20 * SECOND).await;
        let value = tokio::spawn(async {
            tokio::time::sleep(20 * SECOND).await;
            7
        });
        let value = value.await?;
        let value = ctx.step("work", async |_| Ok(value)).await?;
        ctx.wait("nap", SECOND).await?;
        Ok(value)
    };

    let execution = run(handler).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn items_that_await_timers_tasks_or_each_other_are_not_stuck() {
    let handler = async |(): (), ctx: DurableContext| -> Result<Vec<u32>> {
        let all = tokio::sync::Barrier::new(3);
        let items = ctx.map("items", 0..3, async |ctx, item: u32, _| {
            match item {
                0 => tokio::time::sleep(20 * SECOND).await,
                1 => tokio::spawn(tokio::time::sleep(30 * SECOND)).await?,
                _ => ctx.wait("nap", SECOND).await?,
            }
            all.wait().await;
            Ok(item)
        });
        let items = items.await?.into_result()?;
        ctx.wait("nap", SECOND).await?;
        Ok(items)
    };

    let execution = run(handler).await.unwrap();

    assert_eq!(execution.result::<Vec<u32>>().unwrap(), [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_another_thread_wakes_is_not_stuck() {
    let handler = async |(): (), ctx: DurableContext| -> Result<u32> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let value = tokio::task::spawn_blocking(move || sender.send(7));
        let received = receiver.await?;
        value.await?.map_err(|_| Error::msg("the receiver is gone"))?;
        ctx.wait("nap", SECOND).await?;
        Ok(received)
    };

    let execution = run(handler).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), 7);
}
