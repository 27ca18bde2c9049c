//! Code that changes freely under a running execution.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::{DurableContext, Result};
use durable_testing::{TestExecution, TestRunner};

const MINUTE: Duration = Duration::from_secs(60);

/// How often a step of this name ran, by the ordinary numbers.
struct Changing {
    invocations: AtomicU32,
    runs: AtomicU32,
}

static BY_NAME: Changing = Changing { invocations: AtomicU32::new(0), runs: AtomicU32::new(0) };
static BY_BARRIER: Changing = Changing { invocations: AtomicU32::new(0), runs: AtomicU32::new(0) };

impl Changing {
    /// One operation is removed, one renamed, one added in front, and two change places, while the first wait passes.
    async fn run(&self, ctx: &DurableContext) -> Result<Vec<String>> {
        let is_changed = self.invocations.fetch_add(1, Ordering::SeqCst) > 0;
        let step = async |name: &str| {
            let text = ctx.step(name, async |_| {
                self.runs.fetch_add(1, Ordering::SeqCst);
                Ok(name.to_owned())
            });
            durable_core::Ok(text.await?)
        };
        let names: &[&str] = if is_changed {
            &["new", "second", "first", "renamed"]
        } else {
            &["first", "second", "old", "removed"]
        };
        let mut done = Vec::new();
        for name in names {
            done.push(step(name).await?);
        }
        ctx.wait("settle", MINUTE).await?;
        done.push(step("last").await?);
        Ok(done)
    }
}

async fn by_name(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    ctx.replay_by_name();
    BY_NAME.run(&ctx).await
}

async fn by_barrier(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    BY_BARRIER.run(&ctx).await
}

async fn too_late(_: (), ctx: DurableContext) -> Result<()> {
    ctx.wait("settle", MINUTE).await?;
    ctx.replay_by_name();
    Ok(())
}

fn error_type(execution: &TestExecution) -> Option<&str> {
    execution.error().and_then(|error| error.error_type.as_deref())
}

#[tokio::test]
async fn by_name_operations_may_be_added_removed_renamed_and_moved_under_a_running_execution() {
    let execution = TestRunner::new(by_name).run(&()).await.unwrap();

    let done = execution.result::<Vec<String>>().unwrap();
    assert_eq!(done, ["new", "second", "first", "renamed", "last"]);
    assert_eq!(
        BY_NAME.runs.load(Ordering::SeqCst),
        4 + 2 + 1,
        "what is recorded under its name does not run again"
    );
}

#[tokio::test]
async fn by_default_the_same_change_is_caught_before_it_acts() {
    let execution = TestRunner::new(by_barrier).run(&()).await.unwrap();

    assert_eq!(error_type(&execution), Some("NonDeterministicExecutionError"));
    assert_eq!(BY_BARRIER.runs.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn replay_by_name_is_asked_for_before_anything_else() {
    let execution = TestRunner::new(too_late).run(&()).await.unwrap();

    assert_eq!(error_type(&execution), Some("ContextMisuseError"));
}
