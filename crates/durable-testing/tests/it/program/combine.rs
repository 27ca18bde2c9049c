//! Parts that begin others: blocks that are tried again, spawned contexts, races; and values that must stay the same.

use std::sync::Arc;

use durable_core::operation::Operation;
use durable_core::retry::RetryStrategy;
use durable_core::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::perform::{SECOND, Scene, sequence};
use super::{Branch, Part, Place};

impl Scene<'_> {
    pub(super) async fn retried(self, place: &Place, parts: &[Part], failures: u32) -> Result<Vec<String>> {
        let watch = self.watch;
        let block = self.ctx.with_retry(place.name(), async |ctx, attempt: u32| {
            let place = place.inside(usize::try_from(attempt)?);
            let lines = sequence(parts, place, Scene { ctx: &ctx, watch }).await?;
            if attempt <= failures { Err(Error::msg("not yet")) } else { Ok(lines) }
        });
        block.retry(RetryStrategy::fixed(SECOND)).await
    }

    pub(super) async fn spawned(self, place: &Place, parts: &[Part], beside: &[Part]) -> Result<Vec<String>> {
        let (inner, watch, parts) = (place.inside(0), Arc::clone(self.watch), parts.to_vec());
        let child = self.ctx.run_in_child_context(place.name(), move |ctx| {
            let (parts, inner, watch) = (parts.clone(), inner.clone(), Arc::clone(&watch));
            async move { sequence(&parts, inner, Scene { ctx: &ctx, watch: &watch }).await }
        });
        let spawned = child.spawn();
        let beside = sequence(beside, place.at(0), self).await?;
        Ok([beside, spawned.await?].concat())
    }

    pub(super) async fn values(self, place: &Place) -> Result<String> {
        let name = place.name();
        let values = (self.ctx.uuid(&name).to_string(), self.ctx.random(&name), self.ctx.now(&name));
        // The time is recorded with the step.
        self.keep(place, values.clone()).await?;
        self.watch.see(&format!("{}, values", place.path()), &values);
        Ok("kept its values".to_owned())
    }

    pub(super) async fn try_join(self, place: &Place, branches: &[Branch]) -> Option<Vec<String>> {
        let branch = |(index, branch): (usize, &Branch)| {
            let (parts, fails) = (branch.parts.clone(), branch.fails);
            let place = place.at(index);
            async move {
                let lines = sequence(&parts, place, self).await?;
                if fails { Err(Error::msg("failed")) } else { Ok(lines) }
            }
        };
        let branches = branches.iter().enumerate().map(branch).collect::<Vec<_>>();
        let lines = self.ctx.try_join(place.name(), branches).await;
        lines.map(|lines| lines.concat()).map_err(|error| assert_eq!(error.to_string(), "failed")).ok()
    }

    pub(super) async fn race(self, place: &Place, chains: &[Vec<Part>]) -> Result<String> {
        let chain = |(index, chain): (usize, &Vec<Part>)| {
            let (chain, place) = (chain.clone(), place.at(index));
            async move { sequence(&chain, place, self).await.map(|_| index) }
        };
        let chains = chains.iter().enumerate().map(chain).collect::<Vec<_>>();
        let winner = self.ctx.race(place.name(), chains).await?;
        self.watch.see(&format!("{}, winner", place.path()), &winner);
        self.keep(place, winner).await?;
        Ok("raced".to_owned())
    }

    /// Makes sure that a value is the same on every replay.
    pub(super) async fn keep<T>(self, place: &Place, value: T) -> Result<()>
    where
        T: Clone + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync,
    {
        let kept = self.ctx.step(format!("{}-kept", place.name()), async |_| Ok(value.clone())).await?;
        assert_eq!(kept, value, "the same on every replay");
        Ok(())
    }
}
