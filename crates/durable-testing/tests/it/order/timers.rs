//! Timers of the runtime beside operations: what they decide cannot be replayed, but nothing is done twice.

use std::time::Duration;

use durable_core::Result;
use durable_types::ExecutionStatus;
use tokio::time::{sleep, timeout};

use super::{Played, Scene, play, play_over};
use crate::network::Network;

/// How a step and a timer are raced.
#[derive(Clone, Copy, Debug)]
enum Race {
    StepFirst,
    TimerFirst,
    Random,
    Timeout,
}

/// Waits for a step, but not longer than a timer, and acts on what happened.
async fn step_or_timer(scene: Scene, race: Race, step_takes: u64) -> Result<()> {
    let timer = Duration::from_millis(5);
    let step = scene.step("work", "work", step_takes, 0);
    let winner = match race {
        Race::StepFirst => tokio::select! {
            biased;
            worked = step => worked.map(|_| "work")?,
            () = sleep(timer) => "timer",
        },
        Race::TimerFirst => tokio::select! {
            biased;
            () = sleep(timer) => "timer",
            worked = step => worked.map(|_| "work")?,
        },
        Race::Random => tokio::select! {
            worked = step => worked.map(|_| "work")?,
            () = sleep(timer) => "timer",
        },
        Race::Timeout => match timeout(timer, step).await {
            Ok(worked) => worked.map(|_| "work")?,
            Err(_) => "timer",
        },
    };
    scene.step(&format!("act-{winner}"), "act", 0, 0).await?;
    scene.pause("pause").await?;
    scene.pause("pause").await
}

/// Checks that there was one act. If a replay came to the other one, the execution failed and says so.
fn assert_never_twice(played: &Played, label: &str) {
    let runs = played.trace.runs();
    let acts: Vec<_> = runs.iter().filter(|(body, _)| body.starts_with("act-")).collect();
    assert!(matches!(acts[..], [(_, 1)]), "{label}: {acts:?}");
    if played.status() == &ExecutionStatus::Failed {
        let message = played.message().unwrap();
        assert!(message.contains("`act-"), "{label}: {message}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_raced_with_a_timer_is_acted_on_once() {
    for race in [Race::StepFirst, Race::TimerFirst, Race::Random, Race::Timeout] {
        for step_takes in [0, 3, 4, 5, 6, 9] {
            let scenario = |scene| step_or_timer(scene, race, step_takes);
            let label = format!("{race:?} of a step of {step_takes} ms");
            assert_never_twice(&play(scenario).await, &label);
            for (max_latency, seed) in [(0, 0), (1, 1), (3, 2), (9, 3), (9, 4)] {
                let network = Network { max_latency, seed, ..Network::default() };

                let played = play_over(&scenario, network).await;

                assert_never_twice(&played, &format!("{label} over {network:?}"));
            }
        }
    }
}
