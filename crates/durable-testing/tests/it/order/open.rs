//! Results of the branches of an open parallel come in the one order, also once the parallel has ended.

use std::future::IntoFuture as _;
use std::time::Duration;

use durable_core::operation::Branch;
use durable_core::{DurableContext, Result};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, TryStreamExt};

use super::{Scene, play, play_over, play_through_trouble};
use crate::network::Network;

const COUNT: usize = 6;

/// The body of a branch: a step that takes a while.
fn body(
    scene: &Scene,
    place: String,
    index: usize,
) -> impl FnOnce(DurableContext) -> BoxFuture<'static, Result<usize>> + Clone + Send + use<> {
    let scene = scene.clone();
    move |ctx| {
        Box::pin(async move {
            let millis = u64::try_from((COUNT - index) % 4).unwrap();
            scene.within(&ctx).step("a", &place, 2 * millis, index).await
        })
    }
}

/// Chains of the same names, some of which begin with a branch.
async fn chains(scene: Scene, is_flat: bool) -> Result<()> {
    let mut open = scene.ctx.open_parallel("open").max_concurrency(4);
    if is_flat {
        open = open.flat();
    }
    let branches: Vec<Branch<'_, usize>> = (0..COUNT)
        .map(|index| open.branch("branch", body(&scene, format!("in branch {index}"), index)))
        .collect();
    let after_branch = branches.into_iter().enumerate().map(|(index, branch)| {
        let scene = &scene;
        let chain = async move {
            let value = branch.await?;
            scene.see(&format!("branch {index}"), &value);
            scene.step("b", &format!("after branch {index}"), 0, 10 * value).await
        };
        Box::pin(chain) as BoxFuture<'_, Result<usize>>
    });
    let beside = (0..COUNT).map(|index| {
        let scene = &scene;
        let chain = async move {
            let millis = u64::try_from(index % 4).unwrap();
            let value = scene.step("a", &format!("beside {index}"), 2 * millis + 1, 100 + index).await?;
            scene.step("b", &format!("after beside {index}"), 0, 10 * value).await
        };
        Box::pin(chain) as BoxFuture<'_, Result<usize>>
    });
    let ended: Vec<usize> = after_branch.chain(beside).collect::<FuturesUnordered<_>>().try_collect().await?;
    scene.see("order", &ended);
    let closed = open.close().await?;
    scene.see("closed", &closed);
    scene.pause("pause").await?;
    scene.step("b", "at last", 0, 7).await?;
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn chains_that_begin_with_a_branch_keep_their_values() {
    play_through_trouble(|scene| chains(scene, false), "open parallel").await;
    play_through_trouble(|scene| chains(scene, true), "flat open parallel").await;
}

#[tokio::test(start_paused = true)]
async fn chains_that_begin_with_a_branch_keep_their_values_over_a_network() {
    let played = play_over(&|scene| chains(scene, false), Network::default()).await;

    played.assert_exact("open parallel");
}

/// Acts on the first of a branch and a wait.
async fn first(scene: Scene, branch_seconds: u64, wait_seconds: u64) -> Result<()> {
    let mut open = scene.ctx.open_parallel("open");
    let branch = open.branch("branch", async move |ctx: DurableContext| {
        ctx.wait("in the branch", Duration::from_secs(branch_seconds)).await
    });
    let wait = scene.ctx.wait("beside", Duration::from_secs(wait_seconds)).into_future();
    let winner = tokio::select! {
        ended = branch => ended.map(|()| "branch"),
        ended = wait => ended.map(|()| "wait"),
    }?;
    scene.step(&format!("act-{winner}"), "act", 0, 1).await?;
    open.close().await?;
    scene.pause("pause").await?;
    scene.step("at last", "at last", 0, 1).await?;
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn the_first_of_a_branch_and_a_wait_stays_the_first() {
    for (branch, wait) in [(1, 2), (2, 1), (1, 1)] {
        let label = format!("{branch} s and {wait} s");

        let played = play(|scene| first(scene, branch, wait)).await;

        played.assert_consistent(&label);
        played.assert_acted_once(&label);
    }
}

/// Branches that are added depending on what earlier ones returned.
async fn growing(scene: Scene) -> Result<()> {
    let mut open = scene.ctx.open_parallel("open").max_concurrency(2);
    let mut last = 0;
    for round in 0..4 {
        let [left, right] = [0, 1].map(|side| {
            let body = body(&scene, format!("side {side} of round {round}"), last + side);
            open.branch(format!("round {round}"), body)
        });
        let (left, right) = tokio::join!(left, right);
        last = (left? + right?) % (COUNT - 1);
        scene.see(&format!("round {round}"), &last);
        if round == 1 {
            scene.pause("pause").await?;
        }
    }
    open.close().await?;
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn branches_added_one_after_the_other_keep_their_values() {
    play_through_trouble(growing, "growing").await;
}
