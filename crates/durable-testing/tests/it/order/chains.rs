//! Chains of operations of the same names keep their values on replay, under every combinator.

use std::pin::Pin;

use durable_core::{Result, try_join};
use futures_util::future::{join_all, select_all, try_join_all};
use futures_util::stream::{self, FuturesOrdered, FuturesUnordered, StreamExt, TryStreamExt};

use super::{Scene, play, play_over, play_through_trouble};
use crate::network::Network;

/// How chains run side by side.
#[derive(Clone, Copy, Debug)]
enum Combinator {
    JoinAll,
    TryJoinAll,
    SelectAll,
    Unordered,
    Ordered,
    Buffered,
    BufferUnordered,
    ForEach,
    TryForEach,
    TokioJoin,
    TokioTryJoin,
    DurableTryJoin,
    DurableTryJoinVec,
}

/// How long the bodies of the steps take.
#[derive(Clone, Copy, Debug)]
enum Pace {
    /// No time at all: their results are recorded together.
    Even,
    /// The first chain takes longest.
    Reversed,
    /// Neighbours take different times, and several steps the same.
    Mixed,
}

const PACES: [Pace; 3] = [Pace::Even, Pace::Reversed, Pace::Mixed];

impl Pace {
    fn millis(self, index: usize, of: usize, round: usize) -> u64 {
        let millis = match self {
            Self::Even => 0,
            Self::Reversed => of - index,
            Self::Mixed => (index + 1) * (round + 7) % 11,
        };
        u64::try_from(millis).unwrap()
    }
}

#[derive(Clone, Copy, Debug)]
struct Chains {
    combinator: Combinator,
    count: usize,
    pace: Pace,
}

type Chain<'a> = Pin<Box<dyn Future<Output = Result<usize>> + Send + 'a>>;

impl Chains {
    /// Three steps, of the same names as in every other chain.
    fn chain(self, scene: &Scene, index: usize, round: usize) -> Chain<'_> {
        Box::pin(async move {
            let mut sum = 0;
            for (link, name) in ["a", "b", "b"].into_iter().enumerate() {
                let place = format!("round {round}, chain {index}, link {link}");
                let millis = self.pace.millis(index, self.count, link);
                sum += scene.step(name, &place, millis, 10 * index + link).await?;
            }
            Ok(sum)
        })
    }

    /// Runs the chains side by side.
    async fn run(self, scene: &Scene, round: usize) -> Result<()> {
        let chain = |index| self.chain(scene, index, round);
        let mut chains = (0..self.count).map(chain);
        let mut next = || chains.next().unwrap();
        match self.combinator {
            Combinator::JoinAll => drop(join_all(chains).await.into_iter().collect::<Result<Vec<_>>>()?),
            Combinator::TryJoinAll => drop(try_join_all(chains).await?),
            Combinator::SelectAll => select_each(chains.collect(), scene, round).await?,
            Combinator::Unordered => {
                let ended: Vec<_> = chains.collect::<FuturesUnordered<_>>().try_collect().await?;
                scene.see(&format!("round {round}, order"), &ended);
            }
            Combinator::Ordered => drop(chains.collect::<FuturesOrdered<_>>().try_collect::<Vec<_>>().await?),
            Combinator::Buffered => drop(stream::iter(chains).buffered(8).try_collect::<Vec<_>>().await?),
            Combinator::BufferUnordered => {
                let ended: Vec<_> = stream::iter(chains).buffer_unordered(8).try_collect().await?;
                scene.see(&format!("round {round}, order"), &ended);
            }
            Combinator::ForEach => {
                let each = stream::iter(chains).for_each_concurrent(8, async |chain| drop(chain.await));
                each.await;
            }
            Combinator::TryForEach => {
                let chains = stream::iter(chains.map(Ok));
                chains.try_for_each_concurrent(8, async |chain| chain.await.map(drop)).await?;
            }
            Combinator::TokioJoin => {
                let (first, second, third, fourth) = tokio::join!(next(), next(), next(), next());
                first.and(second).and(third).and(fourth)?;
            }
            Combinator::TokioTryJoin => {
                let _ = tokio::try_join!(next(), next(), next(), next())?;
            }
            Combinator::DurableTryJoin => {
                let _ = try_join!(scene.ctx, "all", next(), next(), next(), next()).await?;
            }
            Combinator::DurableTryJoinVec => {
                drop(scene.ctx.try_join("all", chains.collect::<Vec<_>>()).await?);
            }
        }
        Ok(())
    }

    /// Runs the chains side by side, twice, and has both replayed.
    async fn rounds(self, scene: Scene) -> Result<()> {
        for round in 0..2 {
            self.run(&scene, round).await?;
            scene.pause("pause").await?;
        }
        Ok(())
    }
}

/// Waits for one chain after the other, as they end.
async fn select_each(mut chains: Vec<Chain<'_>>, scene: &Scene, round: usize) -> Result<()> {
    let mut ended = Vec::new();
    while !chains.is_empty() {
        let (result, _, others) = select_all(chains).await;
        ended.push(result?);
        chains = others;
    }
    scene.see(&format!("round {round}, order"), &ended);
    Ok(())
}

async fn check(combinator: Combinator, counts: &[usize]) {
    for (count, pace) in counts.iter().flat_map(|count| PACES.map(|pace| (*count, pace))) {
        let chains = Chains { combinator, count, pace };

        let played = play(|scene| chains.rounds(scene)).await;

        played.assert_exact(&format!("{chains:?}"));
        assert_eq!(played.trace.runs().len(), 6 * count, "{chains:?}: every body ran");
    }
}

#[tokio::test(start_paused = true)]
async fn chains_under_join_all_keep_their_values() {
    check(Combinator::JoinAll, &[8, 30, 31, 40, 100]).await;
}

#[tokio::test(start_paused = true)]
async fn chains_under_try_join_all_keep_their_values() {
    check(Combinator::TryJoinAll, &[8, 30, 31, 40]).await;
}

#[tokio::test(start_paused = true)]
async fn chains_under_select_all_keep_their_values() {
    check(Combinator::SelectAll, &[8, 31]).await;
}

#[tokio::test(start_paused = true)]
async fn chains_in_futures_unordered_keep_their_values_and_end_in_the_same_order() {
    check(Combinator::Unordered, &[2, 8, 40]).await;
}

#[tokio::test(start_paused = true)]
async fn chains_in_futures_ordered_keep_their_values() {
    check(Combinator::Ordered, &[8, 40]).await;
}

#[tokio::test(start_paused = true)]
async fn chains_in_a_buffered_stream_keep_their_values() {
    check(Combinator::Buffered, &[8, 20]).await;
}

#[tokio::test(start_paused = true)]
async fn chains_in_an_unordered_buffer_keep_their_values_and_end_in_the_same_order() {
    check(Combinator::BufferUnordered, &[8, 20]).await;
}

#[tokio::test(start_paused = true)]
async fn chains_under_for_each_concurrent_keep_their_values() {
    check(Combinator::ForEach, &[8, 20]).await;
}

#[tokio::test(start_paused = true)]
async fn chains_under_try_for_each_concurrent_keep_their_values() {
    check(Combinator::TryForEach, &[8, 20]).await;
}

#[tokio::test(start_paused = true)]
async fn chains_under_tokio_join_keep_their_values() {
    for _ in 0..10 {
        check(Combinator::TokioJoin, &[4]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn chains_under_tokio_try_join_keep_their_values() {
    for _ in 0..10 {
        check(Combinator::TokioTryJoin, &[4]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn chains_under_try_join_keep_their_values() {
    check(Combinator::DurableTryJoin, &[4]).await;
    check(Combinator::DurableTryJoinVec, &[8, 31]).await;
}

#[tokio::test(start_paused = true)]
async fn chains_over_a_network_keep_their_values() {
    let combinators = [
        (Combinator::JoinAll, 31),
        (Combinator::TryJoinAll, 31),
        (Combinator::SelectAll, 8),
        (Combinator::Unordered, 8),
        (Combinator::Ordered, 8),
        (Combinator::Buffered, 12),
        (Combinator::BufferUnordered, 12),
        (Combinator::ForEach, 12),
        (Combinator::TryForEach, 12),
        (Combinator::TokioJoin, 4),
        (Combinator::TokioTryJoin, 4),
        (Combinator::DurableTryJoin, 4),
        (Combinator::DurableTryJoinVec, 31),
    ];
    for (combinator, count) in combinators {
        for (pace, max_latency) in [(Pace::Mixed, 0), (Pace::Mixed, 3), (Pace::Reversed, 9), (Pace::Even, 2)]
        {
            let chains = Chains { combinator, count, pace };
            let network = Network { max_latency, seed: 7, page_items: Some(5), ..Network::default() };

            let played = play_over(&|scene| chains.rounds(scene), network).await;

            played.assert_exact(&format!("{chains:?} over {network:?}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn chains_whose_links_end_together_share_their_checkpoints() {
    let chains = Chains { combinator: Combinator::JoinAll, count: 80, pace: Pace::Even };

    let played = play(|scene| chains.rounds(scene)).await;

    // Two rounds of three links, with a pause each: far from one for each of the 480 steps.
    let checkpoints = played.checkpoints().unwrap();
    assert!(checkpoints <= 12, "{checkpoints} checkpoints");
}

#[tokio::test(start_paused = true)]
async fn chains_keep_their_values_whatever_goes_wrong() {
    let combinators = [
        Combinator::JoinAll,
        Combinator::Unordered,
        Combinator::Buffered,
        Combinator::BufferUnordered,
        Combinator::TryForEach,
        Combinator::DurableTryJoinVec,
    ];
    for combinator in combinators {
        let chains = Chains { combinator, count: 9, pace: Pace::Mixed };
        play_through_trouble(|scene| chains.rounds(scene), &format!("{chains:?}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn forty_chains_under_join_all_keep_their_values_whatever_goes_wrong() {
    let chains = Chains { combinator: Combinator::JoinAll, count: 40, pace: Pace::Reversed };
    play_through_trouble(|scene| chains.rounds(scene), &format!("{chains:?}")).await;
}
