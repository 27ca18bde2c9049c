//! Finished batches whose results are rebuilt, because they are too large to record.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::{DurableContext, Result};
use durable_testing::TestRunner;
use tokio::sync::Barrier;

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
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
            tokio::task::spawn_blocking(|| ()).await?;
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
