//! Options of an invocation that its handler sets.

use std::time::Duration;

use durable_engine::{DivergencePolicy, Engine};

use super::context::DurableContext;

impl DurableContext {
    /// Finds operations again by their names alone, so that the code of running executions may change more freely.
    ///
    /// By default code that changed under a running execution is caught before it acts: new operations wait until all
    /// that is recorded has been claimed. With this, nothing waits: named operations may be added, removed, renamed and
    /// moved while executions are in flight. One that is found under its name returns what is recorded, one that is not
    /// runs, and what nobody asks for any more is left over. What changed its name is a new operation and runs again:
    /// that is now yours to know.
    ///
    /// It is asked for first in the handler; after the first operation it fails the execution. Let operations have names:
    /// those without are still told apart by their order. Races decided by [`race!`](crate::race!) replay as they went;
    /// a plain `select!` may not.
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

    /// Sets what fails when the code does not match the recorded operations: the execution, by default.
    ///
    /// [`DivergencePolicy::FailInvocation`] keeps an execution whose code was changed by mistake: the service retries
    /// the invocation, and the execution resumes once the code is fixed. Lambda limits these retries, so alarm on failed
    /// invocations. Call it before the first operation, since it applies from then on. The environment variable
    /// `DURABLE_ON_DIVERGENCE` sets the default: `fail-execution` or `fail-invocation`. `durable dev` sets the latter.
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

    /// Waits inside of the invocation for waits and retries that are due within this time, instead of ending it.
    ///
    /// It saves an invocation and costs the time of this one: good for delays of seconds, in functions whose timeout leaves
    /// room for them. It holds for the rest of this invocation, whatever code it is called by. Nothing else changes: what
    /// is recorded is the same.
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
