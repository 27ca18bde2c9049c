//! Results that end within one millisecond, or are reported late, come in the same order on replay.

use std::time::Duration;

use durable_core::{DurableContext, Result};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::{Scene, play_over};
use crate::network::Network;

/// Gives other tasks and the driver so many turns, within the same millisecond.
async fn turns(count: usize) {
    for _ in 0..count {
        tokio::task::yield_now().await;
    }
}

/// A step that takes so many turns and no time.
async fn quick(scene: &Scene, name: &str, place: &str, count: usize, value: usize) -> Result<usize> {
    let body = format!("{name} at {place}");
    let step = scene.ctx.step(name, async |_| {
        scene.trace.run(&body);
        turns(count).await;
        Ok(value)
    });
    let value = step.await?;
    scene.see(place, &value);
    Ok(value)
}

/// Chains of steps that end in different checkpoints of one millisecond.
async fn chains(scene: Scene) -> Result<()> {
    let chain = |index: usize| {
        let scene = &scene;
        async move {
            let at = format!("chain {index}");
            quick(scene, "a", &format!("{at}, a"), (20 - index) * 3, index).await?;
            quick(scene, "b", &format!("{at}, b"), index % 3 * 5, index).await?;
            quick(scene, "b", &format!("{at}, second b"), 0, index).await
        }
    };
    let mut chains: FuturesUnordered<_> = (0..20).map(chain).collect();
    let mut order = Vec::new();
    while let Some(ended) = chains.next().await {
        order.push(ended?);
    }
    scene.see("order", &order);
    scene.pause("pause").await
}

/// Selects between two steps of which the second is slower, but within the same millisecond.
async fn select(scene: Scene, number: usize, is_biased: bool) -> Result<()> {
    for round in 0..4 {
        let name = |side| format!("{side}-{number}-{round}");
        let (left, right) = (name("left"), name("right"));
        let left = quick(&scene, &left, &left, 0, 1);
        let right = quick(&scene, &right, &right, 1 + 4 * number, 2);
        let mut left = std::pin::pin!(left);
        let mut right = std::pin::pin!(right);
        let winner = if is_biased {
            tokio::select! { biased; value = &mut right => value?, value = &mut left => value? }
        } else {
            tokio::select! { value = &mut left => value?, value = &mut right => value? }
        };
        let place = format!("round {round}");
        scene.see(&place, &winner);
        // The loser is kept, so it ends while this runs.
        let at = format!("{place}, act");
        let act = quick(&scene, "act", &at, 30, winner);
        let (acted, loser) = if winner == 1 { tokio::join!(act, right) } else { tokio::join!(act, left) };
        scene.see(&format!("{place}, sum"), &(acted? + loser?));
    }
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn results_of_two_checkpoints_within_one_millisecond_keep_their_order() {
    play_over(&chains, Network::default()).await.assert_exact("chains");
    for number in 0..8 {
        for is_biased in [true, false] {
            let played = play_over(&|scene| select(scene, number, is_biased), Network::default()).await;

            played.assert_exact(&format!("select {number}, biased: {is_biased}"));
        }
    }
}

/// Quotes and reservations, in the order in which the quotes arrive.
async fn quotes(scene: Scene) -> Result<()> {
    let quote = |value: usize| {
        let scene = scene.clone();
        async move {
            let name = format!("quote-{value}");
            scene.step(&name, &name, u64::try_from(value * 7 % 11)?, value).await
        }
    };
    let mut quotes: FuturesUnordered<_> = (0..40).map(quote).collect();
    let mut count = 0;
    while let Some(value) = quotes.next().await {
        let value = value?;
        scene.see(&format!("arrival {count}"), &value);
        scene.step(&format!("reserve-{value}"), &format!("reservation {count}"), 0, value).await?;
        count += 1;
    }
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn the_replay_of_forty_quotes_waits_for_nothing_whatever_requests_take() {
    for (max_latency, seed) in [(0, 0), (1, 1), (4, 2), (4, 3), (15, 4)] {
        let network = Network { max_latency, seed, ..Network::default() };

        let played = play_over(&quotes, network).await;

        let label = format!("{network:?}");
        played.assert_exact(&label);
        // The pause takes a second, and some eighty requests take their time.
        let budget = Duration::from_secs(2) + 160 * Duration::from_millis(max_latency);
        assert!(played.took < budget, "{label}: it took {:?}", played.took);
    }
}

/// A step beside waits, whose ends the service may report with a checkpoint of the step.
async fn waits(scene: Scene) -> Result<()> {
    let wait = |index: usize| {
        let scene = &scene;
        async move {
            scene.ctx.wait("nap", Duration::from_secs(1 + u64::try_from(index % 2)?)).await?;
            scene.step("after", &format!("after {index}"), 0, index).await
        }
    };
    let work = |index: usize| {
        let scene = &scene;
        async move {
            let millis = 700 + 300 * u64::try_from(index)?;
            scene.step("work", &format!("work {index}"), millis, 100 + index).await?;
            scene.step("after", &format!("after work {index}"), 0, 100 + index).await
        }
    };
    let mut ended = Vec::new();
    let mut all: FuturesUnordered<futures_util::future::BoxFuture<'_, Result<usize>>> =
        FuturesUnordered::new();
    for index in 0..4 {
        all.push(Box::pin(wait(index)));
        all.push(Box::pin(work(index)));
    }
    while let Some(value) = all.next().await {
        ended.push(value?);
    }
    scene.see("order", &ended);
    scene.pause("pause").await
}

/// Acts on whichever ends first, of a wait and of a step that ends at about the same moment.
async fn wait_or_work(scene: Scene, millis: u64) -> Result<()> {
    let nap = async {
        scene.ctx.wait("nap", Duration::from_secs(1)).await?;
        durable_core::Ok("nap")
    };
    let work = async {
        scene.step("work", "work", millis, 0).await?;
        durable_core::Ok("work")
    };
    let beside = scene.step("beside", "beside", 3_000, 0);
    let decide = async {
        let winner = tokio::select! { winner = nap => winner?, winner = work => winner? };
        scene.see("winner", &winner);
        scene.step(&format!("act-{winner}"), "act", 0, 0).await
    };
    let (beside, decided) = tokio::join!(beside, decide);
    beside?;
    decided?;
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn results_that_the_service_reports_late_keep_their_order() {
    for (max_latency, seed) in [(0, 0), (3, 1), (3, 2), (20, 3)] {
        for is_late in [false, true] {
            let network = Network { max_latency, seed, is_late, ..Network::default() };

            play_over(&waits, network).await.assert_exact(&format!("waits over {network:?}"));
            for millis in [990, 995, 999, 1_000, 1_001, 1_010] {
                let played = play_over(&|scene| wait_or_work(scene, millis), network).await;

                let label = format!("work of {millis} ms over {network:?}");
                played.assert_consistent(&label);
                played.assert_acted_once(&label);
            }
        }
    }
}

/// Creates callbacks side by side, in chains of one name.
async fn callbacks(scene: Scene) -> Result<()> {
    let chain = |index: usize| {
        let scene = &scene;
        async move {
            let at = format!("chain {index}");
            quick(scene, "before", &format!("{at}, before"), (8 - index) * 4, index).await?;
            let callback = scene.ctx.create_callback::<usize>("callback").await?;
            scene.see(&format!("{at}, id"), &callback.id());
            quick(scene, "tell", &format!("{at}, notified"), 0, index).await?;
            let answer = callback.await?;
            scene.see(&format!("{at}, answer"), &answer);
            let body = async |ctx: DurableContext| quick(&scene.within(&ctx), "in", &at, index, index).await;
            let child = scene.ctx.run_in_child_context("child", body).await?;
            scene.see(&format!("{at}, child"), &child);
            quick(scene, "tell", &format!("{at}, notified again"), 0, index).await
        }
    };
    let mut chains: FuturesUnordered<_> = (0..8).map(chain).collect();
    while let Some(ended) = chains.next().await {
        ended?;
    }
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn callbacks_that_are_created_and_answered_together_keep_their_ids_and_order() {
    for (max_latency, seed, page_items) in [(0, 0, None), (2, 1, None), (5, 2, Some(3)), (5, 3, Some(1))] {
        let network = Network { max_latency, seed, page_items, ..Network::default() };

        play_over(&callbacks, network).await.assert_exact(&format!("{network:?}"));
    }
}
