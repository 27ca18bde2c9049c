//! Parts side by side whose order is a matter of their results: chains of the same names, and races that are not recorded.

use durable_core::Result;
use futures_util::future::{Either, join_all, select};
use futures_util::stream::{self, FuturesUnordered, StreamExt, TryStreamExt};

use super::perform::{Scene, sequence};
use super::{Combinator, Part, Place, Selector};

/// How many chains a buffer holds.
const BUFFER: usize = 3;

impl Scene<'_> {
    /// Runs chains side by side whose operations have the same names.
    pub(super) async fn chains(
        self,
        place: &Place,
        chains: &[Vec<Part>],
        combinator: Combinator,
    ) -> Result<Vec<String>> {
        let chain = |(index, chain): (usize, &Vec<Part>)| {
            let (chain, place) = (chain.clone(), place.alike(index));
            Box::pin(async move { Ok((index, sequence(&chain, place, self).await?)) })
        };
        let chains = chains.iter().enumerate().map(chain).collect::<Vec<_>>();
        let mut ended: Vec<_> = match combinator {
            Combinator::JoinAll => join_all(chains).await.into_iter().collect::<Result<_>>()?,
            Combinator::Unordered => {
                chains.into_iter().collect::<FuturesUnordered<_>>().try_collect().await?
            }
            Combinator::Buffered => stream::iter(chains).buffered(BUFFER).try_collect().await?,
            Combinator::BufferUnordered => {
                stream::iter(chains).buffer_unordered(BUFFER).try_collect().await?
            }
            Combinator::ForEachConcurrent => {
                let ended = std::sync::Mutex::new(Vec::new());
                let chains = stream::iter(chains.into_iter().map(durable_core::Ok));
                let each = chains.try_for_each_concurrent(BUFFER, async |chain| {
                    let chain = chain.await?;
                    ended.lock().unwrap().push(chain);
                    Ok(())
                });
                each.await?;
                ended.into_inner().unwrap()
            }
        };
        let order: Vec<_> = ended.iter().map(|(index, _)| *index).collect();
        self.watch.see(&format!("{}, order", place.path()), &order);
        ended.sort();
        Ok(ended.into_iter().flat_map(|(_, result)| result).collect())
    }

    /// Runs two chains until one of them has ended, and acts on that.
    pub(super) async fn select(
        self,
        place: &Place,
        (left, right): (&[Part], &[Part]),
        selector: Selector,
    ) -> Result<()> {
        let left = Box::pin(sequence(left, place.at(0), self));
        let right = Box::pin(sequence(right, place.at(1), self));
        let (is_left, result) = match selector {
            Selector::Futures => match select(left, right).await {
                Either::Left((result, _)) => (true, result),
                Either::Right((result, _)) => (false, result),
            },
            Selector::Random => tokio::select! {
                result = left => (true, result),
                result = right => (false, result),
            },
            Selector::Biased => tokio::select! {
                biased;
                result = right => (false, result),
                result = left => (true, result),
            },
        };
        result?;
        let winner = if is_left { "left" } else { "right" };
        self.watch.see(&format!("{}, winner", place.path()), &winner);
        let act = self.ctx.step(format!("{}-act-{winner}", place.name()), async |_| {
            self.watch.see(&format!("{}, act", place.path()), &winner);
            Ok(())
        });
        act.await
    }
}
