//! The winner of a plain select is the same on every replay, and nothing is done for the loser.

use std::ops::ControlFlow::{Break, Continue};
use std::pin::Pin;
use std::time::Duration;

use durable_core::Result;
use durable_core::retry::{RetryStrategy, WaitStrategy};
use futures_util::future::{Either, select, select_all, select_ok};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::{Scene, play, play_over, play_through_trouble};
use crate::network::Network;

/// How the first of several futures is found.
#[derive(Clone, Copy, Debug)]
enum Selector {
    /// `tokio::select!`, which polls its branches in random order.
    Random,
    /// `tokio::select!`, which polls its branches in the order of the code.
    Biased,
    Select,
    SelectAll,
    SelectOk,
    Unordered,
}

const SELECTORS: [Selector; 6] = [
    Selector::Random,
    Selector::Biased,
    Selector::Select,
    Selector::SelectAll,
    Selector::SelectOk,
    Selector::Unordered,
];

type Branch<'a> = Pin<Box<dyn Future<Output = Result<&'a str>> + Send + 'a>>;

impl Selector {
    /// What the first of two futures returns. The other is dropped.
    async fn first<'a>(self, left: Branch<'a>, right: Branch<'a>) -> Result<&'a str> {
        match self {
            Self::Random => tokio::select! { first = left => first, first = right => first },
            Self::Biased => tokio::select! { biased; first = left => first, first = right => first },
            Self::Select => match select(left, right).await {
                Either::Left((first, _)) | Either::Right((first, _)) => first,
            },
            Self::SelectAll => select_all([left, right]).await.0,
            Self::SelectOk => Ok(select_ok([left, right]).await?.0),
            Self::Unordered => {
                let mut branches: FuturesUnordered<_> = [left, right].into_iter().collect();
                branches.next().await.unwrap()
            }
        }
    }
}

/// What the two branches do.
#[derive(Clone, Copy, Debug)]
enum Branches {
    /// Two callbacks that are answered at the same moment, while the execution is suspended.
    Callbacks,
    /// The same, with the submitters inside.
    Submitters,
    /// Two steps that take the same time.
    Steps,
    /// Two steps that take no time.
    QuickSteps,
    /// Two waits that end at the same moment.
    Waits,
    /// A wait and a retry that are due at the same moment.
    WaitAndRetry,
    /// Two child contexts with waits that end at the same moment.
    Children,
    /// Two calls of other functions.
    Calls,
    /// Two conditions that are checked at the same moments.
    Conditions,
    /// A wait, and a callback that is answered when it ends.
    CallbackAndWait,
    /// Two chains of a step and a wait.
    Chains,
}

const SECOND: Duration = Duration::from_secs(1);

/// One branch, which is done after a while.
fn branch<'a>(scene: &'a Scene, name: &'a str, branches: Branches, is_left: bool) -> Branch<'a> {
    let ctx = &scene.ctx;
    match branches {
        // Created before, so that both can be answered.
        Branches::Callbacks => Box::pin(async { Ok("callbacks are awaited elsewhere") }),
        Branches::Submitters => Box::pin(async move {
            let _: usize = ctx.wait_for_callback(name, async |_, _| Ok(())).await?;
            Ok(name)
        }),
        Branches::Steps => Box::pin(async move { scene.step(name, name, 5, 0).await.map(|_| name) }),
        Branches::QuickSteps => Box::pin(async move { scene.step(name, name, 0, 0).await.map(|_| name) }),
        Branches::WaitAndRetry if !is_left => Box::pin(async move {
            let flaky = ctx.step(name, async |step| match step.attempt() {
                1 => Err(durable_core::Error::msg("not yet")),
                _ => Ok(()),
            });
            flaky.retry(RetryStrategy::fixed(SECOND)).await?;
            Ok(name)
        }),
        Branches::Waits | Branches::WaitAndRetry => Box::pin(async move {
            ctx.wait(name, SECOND).await?;
            Ok(name)
        }),
        Branches::Children => Box::pin(async move {
            let child = ctx.run_in_child_context(name, async |ctx| Ok(ctx.wait("pause", SECOND).await?));
            child.await?;
            Ok(name)
        }),
        Branches::Calls => Box::pin(async move {
            let _: usize = ctx.invoke(name, "add", 1_usize).await?;
            Ok(name)
        }),
        Branches::Conditions => Box::pin(async move {
            let condition = ctx.wait_for_condition(name, 0, async |checks: u32, _| {
                Ok(if checks < 2 { Continue(checks + 1) } else { Break(checks) })
            });
            condition.strategy(WaitStrategy::fixed(SECOND)).await?;
            Ok(name)
        }),
        Branches::CallbackAndWait if is_left => Box::pin(async move {
            ctx.wait(name, SECOND).await?;
            Ok(name)
        }),
        Branches::CallbackAndWait => branch(scene, name, Branches::Submitters, is_left),
        Branches::Chains => Box::pin(async move {
            scene.step(name, name, 5, 0).await?;
            scene.pause(name).await?;
            Ok(name)
        }),
    }
}

/// Selects, acts on the winner, and looks back. The names decide which of two results that tie is the first.
async fn decide(scene: Scene, selector: Selector, branches: Branches, number: usize) -> Result<()> {
    let (approve, reject) = (format!("approve-{number}"), format!("reject-{number}"));
    let winner = match branches {
        Branches::Callbacks => {
            let (left, right) = (&approve, &reject);
            let approval = scene.ctx.create_callback::<usize>(left).await?;
            let rejection = scene.ctx.create_callback::<usize>(right).await?;
            let left = Box::pin(async {
                approval.await?;
                Ok(left.as_str())
            });
            let right = Box::pin(async {
                rejection.await?;
                Ok(right.as_str())
            });
            selector.first(left, right).await?
        }
        _ => {
            let left = branch(&scene, &approve, branches, true);
            let right = branch(&scene, &reject, branches, false);
            selector.first(left, right).await?
        }
    };
    scene.see("winner", &winner);
    scene.step(&format!("act-{winner}"), "act", 0, 0).await?;
    scene.pause("pause").await?;
    scene.pause("pause").await?;
    Ok(())
}

/// How often each case runs: tokio's select is random.
const RUNS: usize = 8;

async fn check(branches: Branches) {
    for selector in SELECTORS {
        for run in 0..RUNS {
            let played = play(|scene| decide(scene, selector, branches, run)).await;

            let label = format!("{selector:?} of {branches:?}, run {run}");
            played.assert_consistent(&label);
            played.assert_acted_once(&label);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_of_two_callbacks_that_are_answered_together_wins() {
    check(Branches::Callbacks).await;
}

#[tokio::test(start_paused = true)]
async fn one_of_two_submitted_callbacks_that_are_answered_together_wins() {
    check(Branches::Submitters).await;
}

#[tokio::test(start_paused = true)]
async fn one_of_two_steps_that_end_together_wins() {
    check(Branches::Steps).await;
    check(Branches::QuickSteps).await;
}

#[tokio::test(start_paused = true)]
async fn one_of_two_waits_that_end_together_wins() {
    check(Branches::Waits).await;
}

#[tokio::test(start_paused = true)]
async fn a_wait_or_a_retry_that_is_due_at_the_same_moment_wins() {
    check(Branches::WaitAndRetry).await;
}

#[tokio::test(start_paused = true)]
async fn one_of_two_child_contexts_that_end_together_wins() {
    check(Branches::Children).await;
}

#[tokio::test(start_paused = true)]
async fn one_of_two_calls_that_end_together_wins() {
    check(Branches::Calls).await;
}

#[tokio::test(start_paused = true)]
async fn one_of_two_conditions_that_are_met_together_wins() {
    check(Branches::Conditions).await;
}

#[tokio::test(start_paused = true)]
async fn a_callback_that_is_answered_when_a_wait_ends_wins_or_the_wait_does() {
    check(Branches::CallbackAndWait).await;
}

#[tokio::test(start_paused = true)]
async fn one_of_two_chains_that_end_together_wins() {
    check(Branches::Chains).await;
}

#[tokio::test(start_paused = true)]
async fn over_a_network_one_of_two_branches_wins() {
    let branches = [
        Branches::Callbacks,
        Branches::Submitters,
        Branches::Steps,
        Branches::QuickSteps,
        Branches::Waits,
        Branches::WaitAndRetry,
        Branches::Children,
        Branches::Calls,
        Branches::Conditions,
        Branches::CallbackAndWait,
        Branches::Chains,
    ];
    for branches in branches {
        for (run, selector) in SELECTORS.into_iter().enumerate() {
            for (max_latency, is_late) in [(0, false), (4, false), (4, true)] {
                let seed = u64::try_from(run).unwrap();
                let network = Network { max_latency, seed, is_late, ..Network::default() };

                let played = play_over(&|scene| decide(scene, selector, branches, run), network).await;

                let label = format!("{selector:?} of {branches:?} over {network:?}");
                played.assert_consistent(&label);
                played.assert_acted_once(&label);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_winner_is_the_same_whatever_goes_wrong() {
    let cases = [
        (Selector::Random, Branches::Callbacks),
        (Selector::Random, Branches::CallbackAndWait),
        (Selector::Biased, Branches::Waits),
        (Selector::Random, Branches::Steps),
        (Selector::SelectAll, Branches::Chains),
        (Selector::Unordered, Branches::Conditions),
    ];
    for (selector, branches) in cases {
        let label = format!("{selector:?} of {branches:?}");
        play_through_trouble(|scene| decide(scene, selector, branches, 0), &label).await;
    }
}

/// Selects again and again between two futures that are kept, and acts on each result.
async fn select_in_a_loop(scene: Scene, is_biased: bool) -> Result<()> {
    let mut left = std::pin::pin!(scene.step("left", "left", 3, 1));
    let mut right = std::pin::pin!(scene.step("right", "right", 3, 2));
    let (mut left_ended, mut right_ended) = (false, false);
    while !(left_ended && right_ended) {
        let value = if is_biased {
            tokio::select! {
                biased;
                value = &mut right, if !right_ended => { right_ended = true; value? }
                value = &mut left, if !left_ended => { left_ended = true; value? }
            }
        } else {
            tokio::select! {
                value = &mut left, if !left_ended => { left_ended = true; value? }
                value = &mut right, if !right_ended => { right_ended = true; value? }
            }
        };
        let place = format!("after {}", usize::from(left_ended) + usize::from(right_ended));
        scene.see(&place, &value);
        scene.step("book", &place, 0, value).await?;
    }
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn a_loop_of_selects_over_futures_that_are_kept_takes_results_in_the_same_order() {
    for run in 0..20 {
        let is_biased = run % 2 == 0;

        let played = play(|scene| select_in_a_loop(scene, is_biased)).await;

        played.assert_exact(&format!("run {run}"));
    }
    play_through_trouble(|scene| select_in_a_loop(scene, false), "random").await;
}
