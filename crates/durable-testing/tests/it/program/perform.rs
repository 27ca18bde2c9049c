//! A program as a handler.

use std::ops::ControlFlow::{Break, Continue};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use durable_core::batch::BatchResult;
use durable_core::operation::StepSemantics;
use durable_core::retry::{RetryStrategy, WaitStrategy};
use durable_core::{DurableContext, Error, Result};
use futures_util::future::join_all;

use super::{Batch, Branch, Check, Ending, Function, Part, Place, Rule, Watch};

pub(super) const SECOND: Duration = Duration::from_secs(1);

/// Runs a program, whose operations are named after their places.
pub(crate) async fn perform(parts: &[Part], ctx: &DurableContext, watch: &Arc<Watch>) -> Result<Vec<String>> {
    sequence(parts, Place::root(), Scene { ctx, watch }).await
}

/// The context in which parts run, and who watches.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) ctx: &'a DurableContext,
    pub(super) watch: &'a Arc<Watch>,
}

pub(super) async fn sequence(parts: &[Part], place: Place, scene: Scene<'_>) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        lines.extend(one(part, place.at(index), scene).await?);
    }
    Ok(lines)
}

type Performing<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

// Boxed because programs are recursive.
fn one<'a>(part: &'a Part, place: Place, scene: Scene<'a>) -> Performing<'a, Vec<String>> {
    Box::pin(async move {
        let outcome = match part {
            Part::Step { failures, delay, millis } => {
                scene.step(&place, *failures, (*delay, *millis)).await?
            }
            Part::Failing => scene.failing(&place).await,
            Part::Deadly { deaths, is_at_most_once } => {
                scene.deadly(&place, *deaths, *is_at_most_once).await?
            }
            Part::Wait { seconds } => {
                scene.ctx.wait(place.name(), Duration::from_secs(*seconds)).await?;
                "waited".to_owned()
            }
            Part::Child { parts, is_virtual, fails } => {
                match scene.child(&place, parts, *is_virtual, *fails).await {
                    Some(lines) => return Ok(lines),
                    None => "failed".to_owned(),
                }
            }
            Part::Bulk { bytes } => scene.bulk(&place, *bytes).await?,
            Part::Join(parts) => {
                let branches =
                    parts.iter().enumerate().map(|(index, part)| one(part, place.at(index), scene));
                return Ok(join_all(branches).await.into_iter().collect::<Result<Vec<_>>>()?.concat());
            }
            Part::Callback(ending) => scene.callback(&place, *ending).await?,
            Part::Asked { ending, failures } => scene.asked(&place, *ending, *failures).await,
            Part::Call { function, number } => scene.call(&place, *function, *number).await,
            Part::Condition { checks, check } => scene.condition(&place, *checks, *check).await,
            Part::Batch(batch) => return scene.batch(&place, batch).await,
            Part::Retried { parts, failures } => return scene.retried(&place, parts, *failures).await,
            Part::Spawned { parts, beside } => return scene.spawned(&place, parts, beside).await,
            Part::Values => scene.values(&place).await?,
            Part::TryJoin(branches) => match scene.try_join(&place, branches).await {
                Some(lines) => return Ok(lines),
                None => "failed".to_owned(),
            },
            Part::Race(chains) => scene.race(&place, chains).await?,
            Part::Select { left, right, selector } => {
                scene.select(&place, (left, right), *selector).await?;
                "raced".to_owned()
            }
            Part::Chains { chains, combinator } => return scene.chains(&place, chains, *combinator).await,
        };
        scene.watch.see(place.path(), &outcome);
        Ok(vec![format!("{} {outcome}", place.path())])
    })
}

impl<'a> Scene<'a> {
    async fn step(self, place: &Place, failures: u32, (delay, millis): (u64, u64)) -> Result<String> {
        let step = self.ctx.step(place.name(), async |step| {
            self.watch.begin(place.path(), step.attempt(), false);
            if millis > 0 {
                tokio::time::sleep(self.watch.duration(millis)).await;
            }
            if step.attempt() <= failures {
                return Err(Error::msg("not yet"));
            }
            Ok((place.path().to_owned(), step.attempt()))
        });
        let (path, attempts) = step.retry(RetryStrategy::fixed(Duration::from_secs(delay))).await?;
        self.watch.see(&format!("{}, result", place.path()), &path);
        self.watch.end(place.path());
        Ok(format!("after {attempts}"))
    }

    async fn failing(self, place: &Place) -> String {
        let step = self.ctx.step(place.name(), async |step| {
            self.watch.begin(place.path(), step.attempt(), false);
            Err::<(), _>(Error::msg("never"))
        });
        let error = step.retry(RetryStrategy::none()).await.unwrap_err();
        self.watch.end(place.path());
        error.message().to_owned()
    }

    async fn deadly(self, place: &Place, deaths: u32, is_at_most_once: bool) -> Result<String> {
        let semantics = if is_at_most_once {
            StepSemantics::AtMostOncePerRetry
        } else {
            StepSemantics::AtLeastOncePerRetry
        };
        let step = self.ctx.step(place.name(), async |step| {
            let begun = self.watch.begin(place.path(), step.attempt(), is_at_most_once);
            if begun < usize::try_from(deaths)? {
                durable_testing::crash().await;
            }
            Ok("survived".to_owned())
        });
        let retry = RetryStrategy::fixed(SECOND).max_attempts(100);
        let outcome = step.semantics(semantics).retry(retry).await?;
        self.watch.end(place.path());
        Ok(outcome)
    }

    async fn child(
        self,
        place: &Place,
        parts: &[Part],
        is_virtual: bool,
        fails: bool,
    ) -> Option<Vec<String>> {
        let watch = self.watch;
        let child = self.ctx.run_in_child_context(place.name(), async |ctx| {
            let lines = sequence(parts, place.inside(0), Scene { ctx: &ctx, watch }).await?;
            if fails { Err(Error::msg("failed")) } else { Ok(lines) }
        });
        let lines = if is_virtual { child.virtual_context().await } else { child.await };
        lines.map_err(|error| assert_eq!(error.message(), "failed")).ok()
    }

    async fn bulk(self, place: &Place, bytes: usize) -> Result<String> {
        let watch = self.watch;
        let child = self.ctx.run_in_child_context(place.name(), async |ctx| {
            let scene = Scene { ctx: &ctx, watch };
            scene.step(&place.inside(0), 0, (1, 0)).await?;
            ctx.wait("pause", SECOND).await?;
            Ok("x".repeat(bytes))
        });
        Ok(format!("has {} bytes", child.await?.len()))
    }

    async fn callback(self, place: &Place, ending: Ending) -> Result<String> {
        let name = format!("{}{}", place.name(), ending.label());
        let callback = self.ctx.create_callback(&name);
        let (timeout, heartbeat_timeout) = timeouts(ending);
        let callback = callback.timeout(timeout).heartbeat_timeout(heartbeat_timeout).await?;
        self.watch.see(&format!("{}, id", place.path()), &callback.id());
        let recorded_id =
            self.ctx.step(format!("{name}-tell"), async |_| Ok(callback.id().to_owned())).await?;
        assert_eq!(recorded_id, callback.id(), "an id stays the same");
        Ok(answer(callback.await))
    }

    async fn asked(self, place: &Place, ending: Ending, failures: u32) -> String {
        let name = format!("{}{}", place.name(), ending.label());
        let (timeout, heartbeat_timeout) = timeouts(ending);
        let asked = self.ctx.wait_for_callback(&name, async |_, step| {
            if step.attempt() <= failures { Err(Error::msg("nobody is there")) } else { Ok(()) }
        });
        let asked = asked.timeout(timeout).heartbeat_timeout(heartbeat_timeout);
        answer(asked.retry(RetryStrategy::fixed(SECOND)).await)
    }

    async fn call(self, place: &Place, function: Function, number: u32) -> String {
        match self.ctx.invoke::<u32, _>(place.name(), function.name(), &number).await {
            Ok(result) => format!("is {result}"),
            Err(error) => error.message().to_owned(),
        }
    }

    async fn condition(self, place: &Place, checks: u32, check: Check) -> String {
        let last = if check == Check::IsExhausted { checks + 1 } else { checks };
        let condition = self.ctx.wait_for_condition(place.name(), 0, async |before: u32, step| {
            self.watch.begin(place.path(), step.attempt(), false);
            match before + 1 {
                now if now < last => Ok(Continue(now)),
                now if check == Check::Fails => Err(Error::msg(format!("check {now} fails"))),
                now => Ok(Break(now)),
            }
        });
        let met = condition.strategy(WaitStrategy::fixed(SECOND).max_attempts(checks)).await;
        self.watch.end(place.path());
        match met {
            Ok(checks) => format!("met after {checks}"),
            Err(error) if error.is_exhausted() => "exhausted".to_owned(),
            Err(error) => error.message().to_owned(),
        }
    }

    async fn batch(self, place: &Place, batch: &Batch) -> Result<Vec<String>> {
        let result = if batch.is_parallel {
            self.parallel(place, batch).await?
        } else {
            self.map(place, batch).await?
        };
        assert!(result.len() <= batch.branches.len());
        let is_complete = result.completion_reason() == durable_core::batch::CompletionReason::AllCompleted;
        let (succeeded, failed) = (result.success_count(), result.failure_count());
        let each = result.iter().flat_map(|item| match item.result.as_ref() {
            None => vec![format!("{} has not ended", place.inside(item.index).path())],
            Some(Ok((lines, bulk))) => {
                assert_eq!(bulk.len(), batch.branches[item.index].bytes);
                lines.clone()
            }
            Some(Err(error)) => vec![error.message().to_owned()],
        });
        let account = batch.rule.account(succeeded, failed, is_complete, each.collect());
        Ok(account.lines(place.path()))
    }

    async fn map(self, place: &Place, batch: &Batch) -> Result<BatchResult<(Vec<String>, String)>> {
        let watch = self.watch;
        let mut map = self.ctx.map(place.name(), &batch.branches, async |ctx, branch, index| {
            Scene { ctx: &ctx, watch }.branch(place.inside(index), branch).await
        });
        if let Some(max) = batch.max_concurrency {
            map = map.max_concurrency(max);
        }
        if batch.is_flat {
            map = map.flat();
        }
        Ok(match batch.rule {
            Rule::Strict => map.await?,
            Rule::All => map.tolerated_failure_percentage(100.0).await?,
            Rule::Tolerant(count) => map.tolerated_failure_count(count).await?,
            Rule::Enough(enough) => map.min_successful(enough).await?,
        })
    }

    async fn parallel(self, place: &Place, batch: &Batch) -> Result<BatchResult<(Vec<String>, String)>> {
        let watch = self.watch;
        let mut parallel = self.ctx.parallel(place.name());
        for (index, branch) in batch.branches.iter().enumerate() {
            parallel = parallel.branch(format!("branch-{index}"), move |ctx: DurableContext| async move {
                Scene { ctx: &ctx, watch }.branch(place.inside(index), branch).await
            });
        }
        if let Some(max) = batch.max_concurrency {
            parallel = parallel.max_concurrency(max);
        }
        if batch.is_flat {
            parallel = parallel.flat();
        }
        Ok(match batch.rule {
            Rule::Strict => parallel.await?,
            Rule::All => parallel.tolerated_failure_percentage(100.0).await?,
            Rule::Tolerant(count) => parallel.tolerated_failure_count(count).await?,
            Rule::Enough(enough) => parallel.min_successful(enough).await?,
        })
    }

    async fn branch(self, place: Place, branch: &Branch) -> Result<(Vec<String>, String)> {
        let lines = sequence(&branch.parts, place.clone(), self).await?;
        if branch.fails {
            return Err(Error::msg(format!("{} failed", place.path())));
        }
        Ok((lines, "x".repeat(branch.bytes)))
    }
}

/// The timeout and the heartbeat timeout of a callback that ends so. Those that are answered have time enough.
fn timeouts(ending: Ending) -> (Duration, Duration) {
    match ending {
        Ending::Succeeds | Ending::Fails => (Duration::from_hours(48), Duration::from_hours(24)),
        Ending::TimesOut => (3 * SECOND, Duration::from_hours(24)),
        Ending::HasNoHeartbeat => (Duration::from_hours(48), 3 * SECOND),
    }
}

fn answer(answered: Result<String>) -> String {
    match answered {
        Ok(answer) => answer,
        Err(error) if error.is_timeout() => error.error_type().to_owned(),
        Err(error) => error.message().to_owned(),
    }
}
