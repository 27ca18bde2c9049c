//! What a handler fails with on replay is reported, also if recorded operations are left.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::operation::Operation;
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_testing::TestRunner;
use serde::{Deserialize, Deserializer};
use tokio::time::timeout;

use super::{Problems, SECOND, run};

/// How the code fails on replay, before it comes to what is recorded.
#[derive(Clone, Copy, Debug)]
enum Failure {
    Error,
    Panic,
    Io,
    Typed,
}

const FAILURES: [Failure; 4] = [Failure::Error, Failure::Panic, Failure::Io, Failure::Typed];

#[derive(Debug)]
struct DiskFull;

impl fmt::Display for DiskFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the disk is full")
    }
}

impl std::error::Error for DiskFull {}

impl Failure {
    fn happen(self) -> Result<()> {
        match self {
            Self::Error => Err(Error::msg("the disk is full")),
            Self::Panic => panic!("the disk is full"),
            Self::Io => Err(std::io::Error::other("the disk is full"))?,
            Self::Typed => Err(DiskFull)?,
        }
    }
}

/// Where the code fails.
const PLACES: [&str; 12] = [
    "at once",
    "between operations",
    "after a wait",
    "beside a wait",
    "in a child",
    "in a virtual child",
    "in a caught child",
    "in an item",
    "in a branch",
    "in a block",
    "in a saga",
    "in a spawned child",
];

/// Operations that are recorded before the execution suspends; on replay the code fails at one place among them.
struct Scene {
    ctx: DurableContext,
    failure: Option<Failure>,
}

impl Scene {
    fn fail(&self) -> Result<()> {
        self.failure.map_or(Ok(()), Failure::happen)
    }

    /// Two operations and a suspension, with the failure between the operations.
    async fn work(&self, ctx: &DurableContext) -> Result<usize> {
        ctx.step("first", async |_| Ok(())).await?;
        self.fail()?;
        ctx.step("second", async |_| Ok(())).await?;
        ctx.wait("pause", SECOND).await?;
        Ok(1)
    }

    async fn run(&self, place: &str) -> Result<usize> {
        let ctx = &self.ctx;
        match place {
            "at once" => {
                self.fail()?;
                ctx.step("first", async |_| Ok(())).await?;
                ctx.wait("pause", SECOND).await?;
                Ok(1)
            }
            "between operations" => self.work(ctx).await,
            "after a wait" => {
                ctx.wait("nap", SECOND).await?;
                ctx.step("first", async |_| Ok(())).await?;
                self.fail()?;
                ctx.step("second", async |_| Ok(())).await?;
                ctx.wait("pause", SECOND).await?;
                Ok(1)
            }
            "beside a wait" => {
                let wait = async { ctx.wait("nap", 5 * SECOND).await };
                let (worked, ()) = tokio::try_join!(self.work(ctx), wait)?;
                Ok(worked)
            }
            "in a child" => Ok(ctx.run_in_child_context("child", async |ctx| self.work(&ctx).await).await?),
            "in a virtual child" => {
                let child = ctx.run_in_child_context("child", async |ctx| self.work(&ctx).await);
                Ok(child.virtual_context().await?)
            }
            "in a caught child" => {
                let child = ctx.run_in_child_context("child", async |ctx| self.work(&ctx).await);
                Ok(child.await.unwrap_or(0))
            }
            "in an item" => {
                let map = ctx.map("map", 0..2, async |ctx, _, _| self.work(&ctx).await);
                Ok(map.await?.into_result()?.len())
            }
            "in a branch" => {
                let branches = ctx.parallel("parallel").branch("a", async |ctx| self.work(&ctx).await);
                Ok(branches.await?.into_result()?.len())
            }
            "in a block" => {
                let block = ctx.with_retry("block", async |ctx, _| self.work(&ctx).await);
                Ok(block.retry(RetryStrategy::none()).await?)
            }
            "in a saga" => Ok(ctx.saga("saga", async |ctx, _| self.work(&ctx).await).await?),
            "in a spawned child" => {
                let failure = self.failure;
                let child = ctx.run_in_child_context("child", move |ctx| async move {
                    Scene { ctx: ctx.clone(), failure }.work(&ctx).await
                });
                Ok(child.spawn().await?)
            }
            _ => Err(Error::msg(format!("there is no {place}"))),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_that_a_replay_fails_with_is_reported() {
    let mut problems = Problems::default();
    for place in PLACES {
        for failure in FAILURES {
            let label = format!("{failure:?} {place}");
            let invocations = AtomicU32::new(0);
            // The first replay after all of them are recorded: a wait comes first in one of the places.
            let first_failing = if place == "after a wait" { 2 } else { 1 };
            let handler = async |(): (), ctx: DurableContext| -> Result<usize> {
                let is_failing = invocations.fetch_add(1, Ordering::SeqCst) >= first_failing;
                Scene { ctx, failure: is_failing.then_some(failure) }.run(place).await
            };

            let ended = run(handler).await;

            problems.expect_failure(&label, ended.as_ref(), &["the disk is full"]);
            let invocations = u64::from(first_failing) + 1;
            if ended.is_some_and(|execution| execution.invocations() != invocations) {
                problems.add(&label, "it did not end in the invocation that failed");
            }
        }
    }
    problems.assert_none();
}

/// An event that can be read once.
struct Event;

static READS: AtomicU32 = AtomicU32::new(0);

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        <()>::deserialize(deserializer)?;
        match READS.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(Self),
            _ => Err(serde::de::Error::custom("the event has another shape")),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_a_replay_cannot_read_is_reported() {
    let handler = async |_: Event, ctx: DurableContext| -> Result<()> {
        ctx.step("first", async |_| Ok(())).await?;
        ctx.wait("pause", SECOND).await?;
        Ok(())
    };

    let ended = timeout(Duration::from_hours(1), TestRunner::new(handler).run(&())).await;

    let execution = ended.expect("it does not hang").unwrap();
    let mut problems = Problems::default();
    problems.expect_failure("event", Some(&execution), &["the event has another shape"]);
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn a_replay_that_succeeds_too_early_is_still_a_divergence() {
    let invocations = AtomicU32::new(0);
    let handler = async |(): (), ctx: DurableContext| -> Result<()> {
        ctx.step("first", async |_| Ok(())).await?;
        if invocations.fetch_add(1, Ordering::SeqCst) > 0 {
            return Ok(());
        }
        ctx.step("second", async |_| Ok(())).await?;
        ctx.wait("pause", SECOND).await?;
        Ok(())
    };

    let execution = run(handler).await.unwrap();

    let mut problems = Problems::default();
    problems.expect_failure("early", Some(&execution), &["`second`", "`pause`"]);
    problems.assert_none();
    let error_type = execution.error().unwrap().error_type.as_deref();
    assert_eq!(error_type, Some("NonDeterministicExecutionError"));
}
