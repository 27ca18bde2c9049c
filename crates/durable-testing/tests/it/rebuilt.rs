//! Finished batches whose results are rebuilt, because they are too large to record.

use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::operation::Operation;
use durable_core::{DurableContext, Error, Result};
use durable_testing::TestRunner;
use tokio::sync::{Barrier, Notify};
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::{sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);
const ITEMS: u32 = 8;

/// What an item returns; those of all items together are too large for one record.
fn large(item: u32) -> String {
    item.to_string().repeat(50_000)
}

fn numbers(results: Vec<String>) -> String {
    results.iter().map(|result| &result[..1]).collect()
}

#[tokio::test]
async fn items_of_a_rebuilt_batch_run_one_at_a_time() {
    static RUNNING: AtomicU32 = AtomicU32::new(0);
    static MOST: AtomicU32 = AtomicU32::new(0);
    static SEEN: Mutex<Vec<(u32, String)>> = Mutex::new(Vec::new());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        MOST.store(0, Ordering::SeqCst);
        let items = ctx.map("items", 0..ITEMS, async |ctx, item: u32, _| {
            MOST.fetch_max(RUNNING.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let first = ctx.step("first", async |_| Ok(item)).await?;
            let second = ctx.step("second", async |_| Ok(large(first))).await;
            RUNNING.fetch_sub(1, Ordering::SeqCst);
            second
        });
        let results = numbers(items.flat().await?.into_result()?);
        SEEN.lock().unwrap().push((MOST.load(Ordering::SeqCst), results));
        ctx.wait("pause", SECOND).await
    };

    TestRunner::new(handler).run(&()).await.unwrap();

    let seen = SEEN.lock().unwrap().clone();
    assert_eq!(seen, [(ITEMS, "01234567".to_owned()), (1, "01234567".to_owned())]);
}

#[tokio::test]
async fn rebuilt_items_that_await_each_other_run_concurrently() {
    static REBUILT: AtomicU32 = AtomicU32::new(0);
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let all = Barrier::new(ITEMS as usize);
        let items = ctx.map("items", 0..ITEMS, async |ctx, item: u32, _| {
            let first = ctx.step("first", async |_| Ok(large(item))).await?;
            all.wait().await;
            let _second: u32 = ctx.step("second", async |_| Ok(item)).await?;
            all.wait().await;
            Ok(first)
        });
        let results = numbers(items.flat().await?.into_result()?);
        REBUILT.fetch_add(1, Ordering::SeqCst);
        ctx.wait("pause", SECOND).await?;
        Ok(results)
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<String>().unwrap(), "01234567");
    assert_eq!(REBUILT.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_item_that_awaits_a_timer_or_another_thread_does_not_delay_those_after_it() {
    static STARTED: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        STARTED.lock().unwrap().clear();
        let items = ctx.map("items", 0..ITEMS, async |ctx, item: u32, _| {
            STARTED.lock().unwrap().push(item);
            let result = ctx.step("work", async |_| Ok(large(item))).await?;
            if item == 0 {
                // It ends only after all others have started, on whatever invocation.
                while STARTED.lock().unwrap().len() < ITEMS as usize {
                    sleep(Duration::from_millis(1)).await;
                }
            }
            spawn_blocking(|| ()).await?;
            Ok(result)
        });
        let results = numbers(items.flat().await?.into_result()?);
        ctx.wait("pause", SECOND).await?;
        Ok(results)
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<String>().unwrap(), "01234567");
}

#[tokio::test]
async fn items_with_concurrent_operations_of_their_own_see_them_in_the_recorded_order() {
    static WINNERS: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let items = ctx.map("items", 0..ITEMS, async |ctx, item: u32, _| {
            let slow = ctx.wait("slow", (2 + item % 3) * SECOND);
            let fast = ctx.wait("fast", (1 + item % 4) * SECOND);
            let (mut slow, mut fast) = (slow.into_future(), fast.into_future());
            let winner = tokio::select! {
                ended = &mut slow => ended.map(|()| "s")?,
                ended = &mut fast => ended.map(|()| "f")?,
            };
            ctx.step(format!("after {winner}"), async |_| Ok(winner.repeat(50_000))).await
        });
        let winners = items.flat().await?.into_result()?;
        WINNERS.lock().unwrap().push(numbers(winners));
        ctx.wait("pause", SECOND).await
    };

    TestRunner::new(handler).run(&()).await.unwrap();

    let winners = WINNERS.lock().unwrap().clone();
    assert!(
        winners.len() >= 2 && winners.iter().all(|of_invocation| *of_invocation == winners[0]),
        "{winners:?}"
    );
    assert!(winners[0].contains('s') && winners[0].contains('f'), "{winners:?}");
}

/// Awaits all other items while operations of the item are in use.
async fn meet(kind: &str, item: u32, all: &Barrier, ctx: &DurableContext) -> Result<u32> {
    match kind {
        "after a spawned step" => {
            let spawned = ctx.step("work", move |_| async move { Ok(item) }).spawn();
            let item = spawned.await?;
            all.wait().await;
            Ok(item)
        }
        "after a spawned step that a task awaits" => {
            let spawned = ctx.step("work", move |_| async move { Ok(item) }).spawn();
            let item = tokio::spawn(spawned).await??;
            all.wait().await;
            Ok(item)
        }
        "beside a spawned wait" => {
            let spawned = ctx.wait("day", 86_400 * SECOND).spawn();
            let item = ctx.step("work", async |_| Ok(item)).await?;
            all.wait().await;
            drop(spawned);
            ctx.step("more work", async |_| Ok(item)).await
        }
        "beside a step that never ends" => {
            let never = ctx.step("never", async |_| {
                pending::<()>().await;
                Ok(())
            });
            tokio::select! {
                ended = never => ended?,
                _ = all.wait() => {}
            }
            ctx.step("work", async |_| Ok(item)).await
        }
        "in a child context" => {
            let child = ctx.run_in_child_context("child", async |ctx| {
                let item = ctx.step("work", async |_| Ok(item)).await?;
                all.wait().await;
                Ok(item.to_string().repeat(300_000))
            });
            Ok(child.await?[..1].parse()?)
        }
        "in a flat map" | "in a map" => {
            let inner = ctx.map("inner", 0..3_u32, async |ctx, place, _| {
                let item = ctx.step("work", async |_| Ok(item)).await?;
                if place == 0 {
                    all.wait().await;
                }
                Ok(item.to_string().repeat(300_000))
            });
            let inner = if kind == "in a flat map" { inner.flat() } else { inner };
            Ok(inner.await?.into_result()?.concat()[..1].parse()?)
        }
        "in a saga" => {
            let saga = ctx.saga("saga", async |_, saga| {
                let item = saga.step("book", async |_| Ok(item)).compensate(async |_, _| Ok(())).await?;
                all.wait().await;
                Ok(item)
            });
            saga.await
        }
        _ => Err(Error::msg(format!("there is no {kind}"))),
    }
}

const MEETINGS: [&str; 8] = [
    "after a spawned step",
    "after a spawned step that a task awaits",
    "beside a spawned wait",
    "beside a step that never ends",
    "in a child context",
    "in a flat map",
    "in a map",
    "in a saga",
];

#[tokio::test]
async fn rebuilt_items_await_each_other_beside_operations_of_their_own() {
    for (kind, is_flat) in MEETINGS.into_iter().flat_map(|kind| [(kind, true), (kind, false)]) {
        let handler = async |_: (), ctx: DurableContext| -> Result<String> {
            let all = Barrier::new(ITEMS as usize);
            let items = ctx.map("items", 0..ITEMS, async |ctx, item: u32, _| {
                Ok(meet(kind, item, &all, &ctx).await?.to_string().repeat(300_000))
            });
            let items = if is_flat { items.flat() } else { items };
            let results = numbers(items.await?.into_result()?);
            ctx.wait("pause", SECOND).await?;
            Ok(results)
        };

        let runner = TestRunner::new(handler);
        let ended = timeout(20 * SECOND, runner.run(&())).await;

        let execution = ended.unwrap_or_else(|_| panic!("{kind}: it hangs")).unwrap();
        assert_eq!(execution.result::<String>().unwrap(), "01234567", "{kind}");
        assert_eq!(execution.elapsed(), SECOND, "{kind}");
    }
}

#[tokio::test]
async fn a_rebuilt_item_does_not_await_what_it_dropped_for_the_sake_of_a_later_item() {
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let is_done = Notify::new();
        let items = ctx.map("items", 0..ITEMS, async |ctx, item: u32, _| {
            if item == 0 {
                tokio::select! {
                    ended = ctx.wait("day", 86_400 * SECOND) => ended?,
                    () = is_done.notified() => {}
                }
            }
            let result = ctx.step("work", async |_| Ok(large(item))).await?;
            if item == ITEMS - 1 {
                is_done.notify_one();
            }
            Ok(result)
        });
        let results = numbers(items.flat().await?.into_result()?);
        ctx.wait("pause", SECOND).await?;
        Ok(results)
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<String>().unwrap(), "01234567");
    assert_eq!(execution.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn no_more_items_run_concurrently_on_a_rebuild_than_live() {
    static RUNNING: AtomicU32 = AtomicU32::new(0);
    static MOST: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let most = AtomicU32::new(0);
        let items = ctx.map("items", 0..ITEMS, async |ctx, item: u32, _| {
            most.fetch_max(RUNNING.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            sleep((item % 3) * SECOND).await;
            let result = ctx.step("work", async |_| Ok(large(item))).await;
            yield_now().await;
            RUNNING.fetch_sub(1, Ordering::SeqCst);
            result
        });
        items.flat().max_concurrency(2).await?;
        MOST.lock().unwrap().push(most.load(Ordering::SeqCst));
        ctx.wait("pause", SECOND).await
    };

    TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(*MOST.lock().unwrap(), [2, 2]);
}

#[tokio::test(start_paused = true)]
async fn what_ended_after_a_batch_is_delivered_after_it_when_it_is_rebuilt_in_real_time() {
    for is_child in [false, true] {
        let handler = async |_: (), ctx: DurableContext| -> Result<String> {
            let order = Mutex::new(Vec::new());
            let large = async {
                if is_child {
                    let child = ctx.run_in_child_context("child", async |ctx| {
                        ctx.step("work", async |_| Ok(())).await?;
                        sleep(SECOND).await;
                        Ok("x".repeat(300_000))
                    });
                    child.await?;
                } else {
                    let items = ctx.map("items", 0..ITEMS, async |ctx, item: u32, _| {
                        let result = ctx.step("work", async |_| Ok(large(item))).await?;
                        sleep(SECOND).await;
                        Ok(result)
                    });
                    items.flat().await?;
                }
                order.lock().unwrap().push("large");
                durable_core::Ok(())
            };
            let slow = async {
                let slow = ctx.step("slow", async |_| {
                    sleep(3 * SECOND).await;
                    Ok(())
                });
                slow.await?;
                order.lock().unwrap().push("slow");
                durable_core::Ok(())
            };
            let (large, slow) = tokio::join!(large, slow);
            large?;
            slow?;
            let order = order.lock().unwrap().join(" before ");
            ctx.step(order.clone(), async |_| Ok(())).await?;
            ctx.wait("pause", SECOND).await?;
            Ok(order)
        };

        let execution = TestRunner::new(handler).run(&()).await.unwrap();

        assert_eq!(execution.result::<String>().unwrap(), "large before slow");
    }
}
