//! Options of an invocation that the handler sets.

use std::time::Duration;

use durable_engine::{DivergencePolicy, Engine};

use super::context::DurableContext;

impl DurableContext {
    /// Replays operations by name alone, which allows more changes to the code of running executions.
    ///
    /// By default, code that changed under a running execution is detected before it acts: new operations wait until
    /// all recorded operations have been claimed. With replay by name nothing waits. Named operations may be added,
    /// removed, renamed and moved while executions are in flight: an operation whose name is recorded returns the
    /// recorded result, any other operation runs, and records that are never claimed are ignored. A renamed operation
    /// counts as new and runs again, which is up to you to prevent.
    ///
    /// Call this first in the handler; after the first operation it fails the execution. Give every operation a name,
    /// because unnamed operations are still identified by their order. Races decided by [`race!`](crate::race!) replay
    /// with the same winner; a plain `select!` may not.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// async fn handler(order: String, ctx: DurableContext) -> Result<String> {
    ///     ctx.replay_by_name();
    ///     ctx.step("label", async |_| Ok(format!("to {order}"))).await
    /// }
    /// ```
    pub fn replay_by_name(&self) {
        self.shared.with(Engine::replay_by_name);
    }

    /// Sets whether code that does not match the recorded operations fails the execution or the invocation; defaults to
    /// the execution.
    ///
    /// [`DivergencePolicy::FailInvocation`] preserves an execution whose code was changed by mistake: the service
    /// retries the invocation, and the execution resumes once the code is fixed. Lambda limits these retries, so set an
    /// alarm on failed invocations. Call it before the first operation, since it applies from then on. The environment
    /// variable `DURABLE_ON_DIVERGENCE` sets the default: `fail-execution` or `fail-invocation`. `durable dev` sets the
    /// latter.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # use durable_core::driver::DivergencePolicy;
    /// async fn handler(order: String, ctx: DurableContext) -> Result<String> {
    ///     ctx.on_divergence(DivergencePolicy::FailInvocation);
    ///     ctx.step("label", async |_| Ok(format!("to {order}"))).await
    /// }
    /// ```
    pub fn on_divergence(&self, policy: DivergencePolicy) {
        self.shared.with(|engine| engine.on_divergence(policy));
    }

    /// Suspends the execution when less than `margin` remains until the invocation times out; by default it never does.
    ///
    /// A long sequence of quick steps would otherwise run into the timeout of the function, which Lambda reports as an
    /// error (`Sandbox.Timedout`) and retries after a delay. With a margin, the body of a step, a condition check, the
    /// submitter of a callback or a child context starts only while more time than that remains. Bodies that run by then
    /// may finish, and are recorded. When none runs any more, the invocation ends; the service invokes the function again
    /// a second later, and the execution resumes with the bodies that were held back. A body that exceeds the margin is
    /// still cut off by the timeout.
    ///
    /// Two seconds suit steps that take less than a second. A margin of more than half of the function's timeout counts as
    /// that half, and the first body of an invocation always starts, so every invocation makes progress.
    ///
    /// It applies to the rest of this invocation, no matter which code calls it, so call it first in the handler. The
    /// environment variable `DURABLE_SUSPEND_BEFORE_DEADLINE` sets the default in seconds. The record contains one wait
    /// for each such suspension, which replay ignores.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// # async fn migrate(row: u32) -> std::io::Result<()> { Ok(()) }
    /// async fn handler(rows: Vec<u32>, ctx: DurableContext) -> Result<()> {
    ///     ctx.suspend_before_deadline(Duration::from_secs(2));
    ///     for row in rows {
    ///         ctx.step("migrate", async |_| Ok(migrate(row).await?)).await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn suspend_before_deadline(&self, margin: Duration) {
        let deadline = self.lambda_context().deadline;
        self.shared.with(|engine| engine.suspend_before(deadline, margin));
    }

    /// Keeps the invocation running during waits and backoffs that are due within this time, instead of suspending.
    ///
    /// This saves an invocation but is billed as run time. Use it for delays of seconds, in functions whose timeout
    /// allows for them. It applies to the rest of this invocation, no matter which code calls it, and does not change
    /// the record.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// async fn handler(_: (), ctx: DurableContext) -> Result<()> {
    ///     ctx.stay_warm(Duration::from_secs(5));
    ///     ctx.wait("debounce", Duration::from_secs(2)).await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn stay_warm(&self, time: Duration) {
        self.shared.with(|engine| engine.stay_warm(time));
    }
}
