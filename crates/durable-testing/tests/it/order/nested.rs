//! Chains inside other operations keep their values, and so do operations that are spawned.

use std::time::Duration;

use durable_core::operation::Operation;
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt, TryStreamExt};

use super::{Scene, play, play_through_trouble};

const COUNT: usize = 8;

fn millis(index: usize) -> u64 {
    u64::try_from((COUNT - index) % 5).unwrap()
}

/// Chains of the same names side by side in one context, polled in the order of their wakes.
async fn chains(scene: &Scene, place: &str) -> Result<Vec<usize>> {
    let chain = |index: usize| async move {
        let at = format!("{place}, chain {index}");
        scene.step("a", &format!("{at}, a"), millis(index), index).await?;
        scene.step("b", &format!("{at}, b"), 0, 10 * index).await
    };
    let ended: Vec<_> = (0..COUNT).map(chain).collect::<FuturesUnordered<_>>().try_collect().await?;
    scene.see(&format!("{place}, order"), &ended);
    Ok(ended)
}

/// Child contexts of the same name, with chains inside, within one that has not ended when the execution suspends.
async fn children(scene: Scene) -> Result<()> {
    let child = |index: usize| {
        let scene = &scene;
        async move {
            let body = async |ctx: DurableContext| {
                let inner = scene.within(&ctx);
                let ended = chains(&inner, &format!("child {index}")).await?;
                inner.pause("pause").await?;
                let after = chains(&inner, &format!("child {index} after the pause")).await?;
                Ok([ended, after].concat())
            };
            let ended = scene.ctx.run_in_child_context("child", body).await?;
            scene.see(&format!("child {index}"), &ended);
            scene.step("book", &format!("booked {index}"), 0, index).await
        }
    };
    (0..4).map(child).collect::<FuturesUnordered<_>>().try_collect::<Vec<_>>().await?;
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn chains_in_child_contexts_of_one_name_keep_their_values() {
    play_through_trouble(children, "children").await;
}

/// Contexts that are not recorded, side by side.
async fn virtual_children(scene: Scene) -> Result<()> {
    let child = |index: usize| {
        let scene = &scene;
        async move {
            let body =
                async |ctx: DurableContext| chains(&scene.within(&ctx), &format!("child {index}")).await;
            let ended = scene.ctx.run_in_child_context("child", body).virtual_context().await?;
            scene.see(&format!("child {index}"), &ended);
            scene.step("book", &format!("booked {index}"), 0, index).await
        }
    };
    (0..3).map(child).collect::<FuturesUnordered<_>>().try_collect::<Vec<_>>().await?;
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn chains_in_virtual_contexts_keep_their_values() {
    play_through_trouble(virtual_children, "virtual contexts").await;
}

/// Chains in the items of a map, beside chains of the handler.
async fn map_items(scene: Scene, is_flat: bool) -> Result<()> {
    let map = async {
        let map = scene.ctx.map("map", 0..5_usize, async |ctx, item, _| {
            let inner = scene.within(&ctx);
            let ended = chains(&inner, &format!("item {item}")).await?;
            inner.pause("pause").await?;
            inner.step("a", &format!("item {item} at last"), 0, item).await?;
            Ok(ended)
        });
        let map = map.max_concurrency(3);
        let map = if is_flat { map.flat() } else { map };
        durable_core::Ok(map.await?.into_result()?)
    };
    let (items, beside) = tokio::join!(map, chains(&scene, "beside"));
    scene.see("items", &items?);
    beside?;
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn chains_in_the_items_of_a_map_keep_their_values() {
    play_through_trouble(|scene| map_items(scene, false), "map").await;
    play_through_trouble(|scene| map_items(scene, true), "flat map").await;
}

/// Chains in the branches of a parallel.
async fn branches(scene: Scene) -> Result<()> {
    let parallel = scene
        .ctx
        .parallel("parallel")
        .branch("left", async |ctx| chains(&scene.within(&ctx), "left").await)
        .branch("right", async |ctx| {
            let inner = scene.within(&ctx);
            inner.pause("pause").await?;
            chains(&inner, "right").await
        });
    let ended = parallel.await?.into_result()?;
    scene.see("branches", &ended);
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn chains_in_the_branches_of_a_parallel_keep_their_values() {
    play_through_trouble(branches, "parallel").await;
}

/// Chains in a block that is tried again.
async fn block(scene: Scene) -> Result<()> {
    let block = scene.ctx.with_retry("block", async |ctx, attempt: u32| {
        let ended = chains(&scene.within(&ctx), &format!("attempt {attempt}")).await?;
        if attempt < 3 { Err(Error::msg("not yet")) } else { Ok(ended) }
    });
    let ended = block.retry(RetryStrategy::fixed(Duration::from_secs(1))).await?;
    scene.see("block", &ended);
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn chains_in_a_block_that_is_tried_again_keep_their_values() {
    play_through_trouble(block, "block").await;
}

/// Chains of steps that are undone, by compensations of one name.
async fn saga(scene: Scene) -> Result<()> {
    let saga = scene.ctx.saga("saga", async |ctx, saga| {
        let inner = scene.within(&ctx);
        let chain = |index: usize| {
            let (inner, saga, trace) = (&inner, &saga, &scene.trace);
            async move {
                inner.step("a", &format!("chain {index}, a"), millis(index), index).await?;
                let book = saga.step("book", move |_| async move { Ok(index) });
                let booked = book.compensate(move |booked: usize, _| async move {
                    trace.run(&format!("undo {booked}"));
                    Ok(())
                });
                let booked = booked.await?;
                inner.see(&format!("chain {index}, booked"), &booked);
                Ok(())
            }
        };
        join_all((0..COUNT).map(chain)).await.into_iter().collect::<Result<Vec<_>>>()?;
        inner.pause("pause").await?;
        Err::<(), _>(Error::msg("sold out"))
    });
    let failed = saga.await.is_err();
    scene.see("failed", &failed);
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn compensations_of_one_name_get_the_values_of_their_steps() {
    let played = play(saga).await;

    assert_eq!(played.trace.effects("undo ").len(), COUNT, "{:?}", played.trace.runs());
    play_through_trouble(saga, "saga").await;
}

/// Spawned child contexts of one name beside chains of the handler.
async fn spawned(scene: Scene) -> Result<()> {
    let spawn = |index: usize| {
        let outer = scene.clone();
        let child = scene.ctx.run_in_child_context("child", move |ctx| {
            let inner = outer.within(&ctx);
            async move {
                let ended = chains(&inner, &format!("child {index}")).await?;
                inner.pause("pause").await?;
                inner.step("a", &format!("child {index} at last"), 0, index).await?;
                Ok(ended)
            }
        });
        child.spawn()
    };
    let spawned: Vec<_> = (0..3).map(spawn).collect();
    chains(&scene, "beside").await?;
    let mut spawned: FuturesUnordered<_> = spawned.into_iter().collect();
    let mut count = 0;
    while let Some(ended) = spawned.next().await {
        scene.see(&format!("end {count}"), &ended?);
        scene.step("book", &format!("booked {count}"), 0, count).await?;
        count += 1;
    }
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn spawned_child_contexts_keep_their_values() {
    play_through_trouble(spawned, "spawned").await;
}

/// Spawned steps of one name, awaited as they end.
async fn spawned_steps(scene: Scene) -> Result<()> {
    let spawn = |index: usize| {
        let trace = scene.clone();
        let step = scene.ctx.step("work", move |_| {
            trace.trace.run(&format!("work {index}"));
            let millis = millis(index);
            async move {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                Ok(index)
            }
        });
        step.spawn()
    };
    let mut spawned: FuturesUnordered<_> = (0..COUNT).map(spawn).collect();
    let mut count = 0;
    while let Some(value) = spawned.next().await {
        let value = value?;
        scene.see(&format!("arrival {count}"), &value);
        scene.step("book", &format!("booked {count}"), 0, value).await?;
        count += 1;
    }
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn spawned_steps_of_one_name_keep_their_values() {
    let played = play(spawned_steps).await;

    played.assert_exact("spawned steps");
    assert!(played.took < Duration::from_secs(1), "the replay waited, {:?} in all", played.took);
    play_through_trouble(spawned_steps, "spawned steps").await;
}

/// Operations of every kind in chains of the same names.
async fn mixed(scene: Scene) -> Result<()> {
    let chain = |index: usize| {
        let scene = &scene;
        async move {
            let at = format!("chain {index}");
            scene.step("work", &format!("{at}, step"), millis(index), index).await?;
            let called: usize = scene.ctx.invoke("call", "add", index).await?;
            scene.see(&format!("{at}, call"), &called);
            let answer: usize = scene.ctx.wait_for_callback("ask", async |_, _| Ok(())).await?;
            scene.see(&format!("{at}, callback"), &answer);
            let body = async |ctx: DurableContext| scene.within(&ctx).step("in", &at, 0, index).await;
            let child = scene.ctx.run_in_child_context("child", body).await?;
            scene.see(&format!("{at}, child"), &child);
            let refused = scene.ctx.invoke::<(), _>("refusal", "refuse", at.clone()).await;
            scene.see(&format!("{at}, refusal"), &refused.unwrap_err().to_string());
            scene.pause("pause").await?;
            scene.step("work", &format!("{at}, last step"), 0, index).await
        }
    };
    (0..COUNT).map(chain).collect::<FuturesUnordered<_>>().try_collect::<Vec<_>>().await?;
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn chains_of_every_kind_of_operation_keep_their_values() {
    play_through_trouble(mixed, "mixed").await;
}
