//! Handlers that start the next operation when one ends do so in the same order on replay.

use std::collections::VecDeque;
use std::time::Duration;

use durable_core::Result;
use futures_util::future::join_all;
use futures_util::lock::Mutex;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{Semaphore, mpsc};

use super::{Played, Scene, play, play_through_trouble};

fn millis(value: usize) -> u64 {
    u64::try_from(value * 7 % 11).unwrap()
}

/// Reserves for each quote, in the order in which the quotes arrive.
async fn quotes(scene: Scene) -> Result<()> {
    let quote = |value: usize| {
        let scene = scene.clone();
        async move {
            let name = format!("quote-{value}");
            scene.step(&name, &name, millis(value), value).await
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

/// The replays of it may not wait for anything.
fn assert_needs_no_patience(played: &Played, label: &str) {
    played.assert_exact(label);
    assert!(played.took < Duration::from_secs(1), "{label}: the replay waited, {:?} in all", played.took);
}

#[tokio::test(start_paused = true)]
async fn the_replay_of_forty_quotes_with_a_reservation_each_waits_for_nothing() {
    let played = play(quotes).await;

    assert_needs_no_patience(&played, "quotes");
    assert_eq!(played.trace.effects("reserve-").len(), 40);
}

#[tokio::test(start_paused = true)]
async fn forty_quotes_with_a_reservation_each_are_the_same_whatever_goes_wrong() {
    play_through_trouble(quotes, "quotes").await;
}

/// Starts another operation of the same name whenever one ends.
async fn follow_ups(scene: Scene) -> Result<()> {
    let work = |index: usize| {
        let scene = scene.clone();
        async move { scene.step("work", &format!("work {index}"), millis(index), index).await }
    };
    let mut running: FuturesUnordered<_> = (0..6).map(work).collect();
    let mut next = 6;
    let mut order = Vec::new();
    while let Some(ended) = running.next().await {
        order.push(ended?);
        if next < 18 {
            running.push(work(next));
            next += 1;
        }
    }
    scene.see("order", &order);
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn operations_that_follow_the_end_of_others_keep_their_values() {
    assert_needs_no_patience(&play(follow_ups).await, "follow-ups");
    play_through_trouble(follow_ups, "follow-ups").await;
}

/// Workers that take items from one queue.
async fn workers(scene: Scene) -> Result<()> {
    let queue = Mutex::new((0..20).collect::<VecDeque<usize>>());
    let worker = |number: usize| {
        let (scene, queue) = (&scene, &queue);
        async move {
            let mut turn = 0;
            while let Some(item) = { queue.lock().await.pop_front() } {
                let place = format!("worker {number}, turn {turn}");
                scene.see(&format!("item of {place}"), &item);
                scene.step("work", &place, millis(item), item).await?;
                scene.step("book", &format!("{place}, booked"), 0, item).await?;
                turn += 1;
            }
            Ok(())
        }
    };
    join_all((0..4).map(worker)).await.into_iter().collect::<Result<Vec<_>>>()?;
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn workers_on_one_queue_get_the_same_items() {
    assert_needs_no_patience(&play(workers).await, "workers");
    play_through_trouble(workers, "workers").await;
}

/// A side that produces and one that consumes, with a channel between them.
async fn channel(scene: Scene) -> Result<()> {
    let (sender, mut receiver) = mpsc::channel(2);
    let produce = |first: usize| {
        let (scene, sender) = (&scene, sender.clone());
        async move {
            for item in (first..12).step_by(2) {
                let place = format!("item {item}");
                let value = scene.step("produce", &place, millis(item), item).await?;
                sender.send(value).await?;
            }
            durable_core::Ok(())
        }
    };
    let (odd, even) = (produce(1), produce(0));
    drop(sender);
    let consume = async {
        let mut count = 0;
        while let Some(item) = receiver.recv().await {
            scene.see(&format!("received {count}"), &item);
            scene.step("consume", &format!("consumed {count}"), 1, item).await?;
            count += 1;
        }
        durable_core::Ok(())
    };
    tokio::try_join!(odd, even, consume)?;
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn items_pass_a_channel_in_the_same_order() {
    for run in 0..5 {
        assert_needs_no_patience(&play(channel).await, &format!("channel, run {run}"));
    }
    play_through_trouble(channel, "channel").await;
}

/// Chains of which so many run at a time.
async fn permits(scene: Scene) -> Result<()> {
    let semaphore = Semaphore::new(3);
    let chain = |index: usize| {
        let (scene, semaphore) = (&scene, &semaphore);
        async move {
            let _permit = semaphore.acquire().await?;
            scene.step("a", &format!("chain {index}, a"), millis(index), index).await?;
            scene.step("b", &format!("chain {index}, b"), 0, index).await
        }
    };
    join_all((0..40).map(chain)).await.into_iter().collect::<Result<Vec<_>>>()?;
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn chains_that_share_permits_keep_their_values() {
    assert_needs_no_patience(&play(permits).await, "permits");
    play_through_trouble(permits, "permits").await;
}

/// Chains whose step sleeps outside of any operation between two of them.
async fn sleepers(scene: Scene) -> Result<()> {
    let chain = |index: usize| {
        let scene = &scene;
        async move {
            scene.step("a", &format!("chain {index}, a"), 1, index).await?;
            tokio::time::sleep(Duration::from_millis(millis(index))).await;
            scene.step("b", &format!("chain {index}, b"), 0, index).await
        }
    };
    join_all((0..12).map(chain)).await.into_iter().collect::<Result<Vec<_>>>()?;
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn chains_that_sleep_between_steps_keep_their_values() {
    play(sleepers).await.assert_consistent("sleepers");
}
