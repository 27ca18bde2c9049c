//! An invocation that stays warm sees results in the same order as those that replay them.

use std::time::Duration;

use durable_core::Result;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::{Scene, play, play_over};
use crate::network::Network;

/// Chains of waits, retried steps and steps, in an invocation that stays warm for the shorter waits.
async fn chains(scene: Scene) -> Result<()> {
    scene.ctx.stay_warm(Duration::from_secs(3));
    let chain = |index: usize| {
        let scene = &scene;
        async move {
            let at = format!("chain {index}");
            scene.step("a", &format!("{at}, a"), u64::try_from(index % 3)?, index).await?;
            let nap = Duration::from_secs(1 + u64::try_from(index % 4)?);
            scene.ctx.wait("nap", nap).await?;
            scene.step("b", &format!("{at}, b"), u64::try_from(index % 2)?, index).await?;
            scene.ctx.wait("nap", Duration::from_secs(1)).await?;
            scene.step("b", &format!("{at}, second b"), 0, index).await
        }
    };
    let mut chains: FuturesUnordered<_> = (0..8).map(chain).collect();
    let mut order = Vec::new();
    while let Some(ended) = chains.next().await {
        let ended = ended?;
        order.push(ended);
        scene.step("book", &format!("booked {}", order.len()), 0, ended).await?;
    }
    scene.see("order", &order);
    scene.ctx.wait("long", Duration::from_secs(60)).await?;
    scene.step("after", "after", 0, 0).await?;
    scene.ctx.wait("long", Duration::from_secs(60)).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn chains_in_a_warm_invocation_keep_their_values() {
    play(chains).await.assert_exact("warm");
    for (max_latency, seed, is_late) in [(0, 0, false), (3, 1, false), (3, 2, true), (20, 3, true)] {
        let network = Network { max_latency, seed, is_late, page_items: Some(4), ..Network::default() };

        play_over(&chains, network).await.assert_exact(&format!("{network:?}"));
    }
}

/// Selects between waits that end together while the invocation is warm.
async fn select(scene: Scene, number: usize) -> Result<()> {
    scene.ctx.stay_warm(Duration::from_secs(3));
    let (left, right) = (format!("left-{number}"), format!("right-{number}"));
    for round in 0..3 {
        let winner = tokio::select! {
            rested = scene.ctx.wait(&left, Duration::from_secs(1)) => rested.map(|()| "left")?,
            rested = scene.ctx.wait(&right, Duration::from_secs(1)) => rested.map(|()| "right")?,
        };
        scene.see(&format!("winner {round}"), &winner);
        scene.step(&format!("act-{winner}-{round}"), &format!("act {round}"), 0, 0).await?;
    }
    scene.ctx.wait("long", Duration::from_secs(60)).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_of_two_waits_that_end_together_in_a_warm_invocation_wins() {
    for number in 0..8 {
        for max_latency in [0, 5] {
            let network = Network { max_latency, ..Network::default() };

            let played = play_over(&|scene| select(scene, number), network).await;

            let label = format!("names {number} over {network:?}");
            played.assert_consistent(&label);
            assert_eq!(played.trace.effects("act-").len(), 3, "{label}");
        }
    }
}
