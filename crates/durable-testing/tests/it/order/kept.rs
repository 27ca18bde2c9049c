//! Futures that are kept without being polled, polled without being awaited, or awaited in several places.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use durable_core::Result;
use futures_util::FutureExt;
use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::Notify;

use super::{Played, Scene, play, play_over, play_through_trouble};
use crate::network::Network;

/// Checks a scenario with whatever can go wrong, and that no replay waits for anything but the network.
async fn check<S, F>(scenario: S, label: &str)
where
    S: Fn(Scene) -> F + Send + Sync,
    F: Future<Output = Result<()>> + Send,
{
    assert_needs_no_patience(&play(&scenario).await, label);
    for (max_latency, seed) in [(0, 0), (2, 1), (7, 2)] {
        let network = Network { max_latency, seed, page_items: Some(3), ..Network::default() };
        assert_needs_no_patience(&play_over(&scenario, network).await, &format!("{label} over {network:?}"));
    }
    play_through_trouble(scenario, label).await;
}

fn assert_needs_no_patience(played: &Played, label: &str) {
    played.assert_exact(label);
    assert!(played.took < Duration::from_secs(4), "{label}: the replay waited, {:?} in all", played.took);
}

type Kept<'a> = Pin<Box<dyn Future<Output = Result<usize>> + Send + 'a>>;

/// Starts steps, keeps them while others run, and awaits them in the opposite order.
async fn keep(scene: Scene) -> Result<()> {
    let step = |index: usize| -> Kept<'_> {
        let scene = &scene;
        Box::pin(async move {
            let millis = u64::try_from(index * 5 % 7)?;
            scene.step("kept", &format!("kept {index}"), millis, index).await?;
            scene.step("next", &format!("after kept {index}"), 0, index).await
        })
    };
    let mut kept: Vec<_> = (0..6).map(step).collect();
    for kept in &mut kept {
        assert!(kept.now_or_never().is_none(), "it has begun, and its result is not recorded yet");
    }
    scene.step("beside", "beside", 3, 0).await?;
    scene.step("next", "after beside", 0, 0).await?;
    while let Some(kept) = kept.pop() {
        let value = kept.await?;
        scene.step("book", &format!("booked {value}"), 0, value).await?;
    }
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn results_that_nobody_polls_for_delay_nobody() {
    check(keep, "kept").await;
}

/// Starts steps and drops them, after some of them have ended.
async fn abandon(scene: Scene) -> Result<()> {
    let step = |index: usize| -> Kept<'_> {
        let scene = &scene;
        Box::pin(async move { scene.step("kept", &format!("kept {index}"), 0, index).await })
    };
    let mut kept: Vec<_> = (0..4).map(step).collect();
    for kept in &mut kept {
        assert!(kept.now_or_never().is_none());
    }
    scene.step("beside", "beside", 3, 0).await?;
    drop(kept);
    scene.step("after", "after", 0, 0).await?;
    scene.pause("pause").await?;
    scene.step("after", "after the pause", 0, 0).await?;
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn results_that_are_dropped_delay_nobody() {
    let played = play(abandon).await;

    played.assert_consistent("dropped");
    assert!(played.took < Duration::from_secs(4), "the replay waited, {:?} in all", played.took);
}

/// Looks whether other steps have ended, whenever one has.
async fn peek(scene: Scene) -> Result<()> {
    let step = |index: usize| -> Kept<'_> {
        let scene = &scene;
        let millis = [4, 2, 9, 4, 0][index];
        Box::pin(async move { scene.step("work", &format!("work {index}"), millis, index).await })
    };
    let mut watched: Vec<_> = (0..5).map(step).map(Some).collect();
    for (round, millis) in [1, 2, 0, 3, 4].into_iter().enumerate() {
        for (index, slot) in watched.iter_mut().enumerate() {
            let Some(ended) = slot.as_mut().and_then(|future| future.now_or_never()) else { continue };
            *slot = None;
            scene.see(&format!("round {round}, ended {index}"), &ended?);
            scene.step("book", &format!("round {round}, booked {index}"), 0, index).await?;
        }
        let left = watched.iter().flatten().count();
        scene.see(&format!("round {round}, left"), &left);
        scene.step("round", &format!("round {round}"), millis, round).await?;
    }
    let left: Vec<_> = join_all(watched.into_iter().flatten()).await;
    scene.see("left", &left.len());
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn what_has_ended_when_code_looks_is_the_same_on_replay() {
    check(peek, "peek").await;
}

/// Takes results in chunks of whatever is there.
async fn chunks(scene: Scene) -> Result<()> {
    let step = |index: usize| {
        let scene = &scene;
        async move {
            let millis = u64::try_from(index % 3)?;
            scene.step("work", &format!("work {index}"), millis, index).await
        }
    };
    let mut chunks = (0..12).map(step).collect::<FuturesUnordered<_>>().ready_chunks(5);
    let mut count = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.into_iter().collect::<Result<Vec<_>>>()?;
        scene.see(&format!("chunk {count}"), &chunk);
        scene.step("book", &format!("booked {count}"), 0, chunk.len()).await?;
        count += 1;
    }
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn chunks_of_results_are_the_same_on_replay() {
    check(chunks, "chunks").await;
}

/// Chains that wait for the same step and go on together.
async fn shared(scene: Scene) -> Result<()> {
    let token = async {
        let token = scene.step("token", "token", 5, 7).await;
        token.map_err(|error| error.to_string())
    };
    let token = token.boxed().shared();
    let chain = |index: usize| {
        let (scene, token) = (&scene, token.clone());
        async move {
            scene.step("a", &format!("chain {index}, a"), u64::try_from(index * 3 % 8)?, index).await?;
            let token = token.await.map_err(durable_core::Error::msg)?;
            scene.step("b", &format!("chain {index}, b"), 0, token * index).await
        }
    };
    let mut chains: FuturesUnordered<_> = (0..9).map(chain).collect();
    let mut order = Vec::new();
    while let Some(value) = chains.next().await {
        order.push(value?);
    }
    scene.see("order", &order);
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn chains_that_await_one_step_keep_their_values() {
    check(shared, "shared").await;
}

/// A place where chains meet. Unlike tokio's barrier, it wakes them in the order in which they came.
#[derive(Default)]
struct Meeting {
    present: AtomicUsize,
    all: Notify,
}

impl Meeting {
    /// Waits for the other chains. Returns whether this is the last one.
    async fn join(&self, expected: usize) -> bool {
        let all = self.all.notified();
        if self.present.fetch_add(1, Ordering::SeqCst) + 1 < expected {
            all.await;
            return false;
        }
        self.present.store(0, Ordering::SeqCst);
        self.all.notify_waiters();
        true
    }
}

/// Chains that meet, of which the last to arrive acts for all.
async fn meet(scene: Scene) -> Result<()> {
    let meeting = Meeting::default();
    let chain = |index: usize| {
        let (scene, meeting) = (&scene, &meeting);
        async move {
            for round in 0..3 {
                let millis = u64::try_from((index + round) * 5 % 7)?;
                scene.step("work", &format!("chain {index}, round {round}"), millis, index).await?;
                if meeting.join(4).await {
                    scene.see(&format!("leader of round {round}"), &index);
                    scene.step("lead", &format!("led round {round}"), 0, index).await?;
                }
                scene.step("after", &format!("chain {index} after round {round}"), 0, index).await?;
            }
            Ok(index)
        }
    };
    let chains: FuturesUnordered<_> = (0..4).map(chain).collect();
    let order: Vec<_> = chains.collect::<Vec<_>>().await.into_iter().collect::<Result<_>>()?;
    scene.see("order", &order);
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn chains_that_meet_have_the_same_leader() {
    check(meet, "meeting").await;
}
