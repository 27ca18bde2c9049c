//! The context of a handler or of the body of a child context.

use std::fmt;
use std::sync::Arc;

use durable_engine::{Claimant, Claimed, ContextKey, Fatal, NewOperation, OperationId};

use crate::error::Result;
use crate::name::OperationName;
use crate::scope::{Place, Scope, current_place};
use crate::serdes::{ContextSerdes, OperationSerdes, Reads, Records, SerdesChoice, ValueReader};
use crate::shared::Shared;

/// The scope in which a handler starts operations. Clones refer to the same scope.
///
/// An operation is identified by its kind, its name, and how many operations of that kind and name this context has
/// started before.
///
/// # Concurrent operations
/// The module [`combinator`](crate::combinator) compares the ways to run operations concurrently.
///
/// Results are delivered to the handler one at a time, in the order in which the service recorded them, live as on
/// replay. Code that awaits operations concurrently (`join!`, `join_all`, `FuturesUnordered`, `buffered`, `select!`)
/// therefore starts operations in the same order on replay, even if concurrent chains use the same names.
///
/// This does not cover events that the SDK does not record. Use distinct names, or a
/// [child context](Self::run_in_child_context) per chain, if concurrent chains
/// - await timers, I/O or a lock that wakes its waiters in random order between their operations; do I/O in steps;
/// - are `async` blocks in tokio's `select!`, which polls them in random order; use [`race!`](crate::race!) instead. If
///   one of the blocks ends without an operation, even distinct names do not help: whether the other has started its own
///   is random, and a replay that decides otherwise fails as a divergence;
/// - are tasks (`tokio::spawn`, `JoinSet`): a name that tasks use twice in one context is an error at its second use.
///
/// # Time limits
/// The timer of `tokio::time::timeout` does not outlive the invocation. Around a wait, a callback, an invocation of
/// another function or a condition, it restarts in each invocation and usually never fires. Limit callbacks with their
/// own [`timeout`](crate::operation::CreateCallback::timeout), and other operations with a [`race!`](crate::race!)
/// against a [`wait`](Self::wait).
#[derive(Clone)]
pub struct DurableContext<S = ContextSerdes> {
    pub(super) shared: Arc<Shared>,
    pub(super) key: ContextKey,
    pub(super) serdes: S,
}

impl<S: SerdesChoice> DurableContext<S> {
    /// Returns the same context without the serdes set by `using`.
    pub(crate) fn base(&self) -> DurableContext {
        DurableContext::new(Arc::clone(&self.shared), self.key, self.serdes.context_serdes().clone())
    }

    /// Returns the serdes that records the results of an operation.
    pub(crate) fn operation_serdes<'c, T>(&self) -> OperationSerdes<'c, T>
    where
        S: Records<'c, T>,
    {
        self.serdes.serdes()
    }

    /// Returns the reader of results that external systems write.
    pub(crate) fn reader<'c, T>(&self) -> ValueReader<'c, T>
    where
        S: Reads<'c, T>,
    {
        self.serdes.reader()
    }
}

impl DurableContext {
    pub(crate) fn new(shared: Arc<Shared>, key: ContextKey, serdes: ContextSerdes) -> Self {
        Self { shared, key, serdes }
    }

    /// Returns whether a change of the code applies to this execution, so that executions already past it keep the old
    /// behavior.
    ///
    /// Returns true if the execution reaches this point for the first time, which is recorded under the name of the
    /// change, and on every replay after that. Returns false if the execution had already passed this point. Once no
    /// execution from before the change remains, the call can be removed along with the old code. It needs no request
    /// of its own.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn handler(cents: u64, ctx: DurableContext) -> Result<u64> {
    /// let tax = if ctx.patched("tax-by-region") {
    ///     ctx.step("tax-by-region", async |_| Ok(cents / 5)).await?
    /// } else {
    ///     ctx.step("tax", async |_| Ok(cents / 10)).await?
    /// };
    /// # Ok(tax)
    /// # }
    /// ```
    pub fn patched(&self, change: &str) -> bool {
        let problem = OperationName::from(change).problem();
        let asked = match problem {
            None => self.claimant(|| format!("the change `{change}`")).map(|_| ()),
            Some(problem) => {
                Err(Fatal::Misuse(format!("the change `{change}` cannot be recorded: {problem}")))
            }
        };
        match asked {
            Ok(()) => self.shared.claim(|engine| engine.patched(self.key, change)),
            Err(fatal) => {
                self.shared.fail(fatal);
                false
            }
        }
    }

    /// Returns the ARN of the execution.
    pub fn execution_arn(&self) -> &str {
        self.shared.execution_arn()
    }

    /// Returns whether the next operation of this context was started by an earlier invocation.
    ///
    /// Use it for side effects that should happen once, such as logging, but never to decide which operations to start.
    pub fn is_replaying(&self) -> bool {
        self.shared.drive(|engine| engine.is_replaying(self.key))
    }

    /// Opens a virtual context, which takes the identity of an operation but is not recorded.
    pub(crate) fn open_virtual(
        &self,
        name: &OperationName<'_>,
        new: &NewOperation,
    ) -> (ContextKey, OperationId) {
        self.shared.with(|engine| engine.open_virtual(self.key, name.as_deref(), new, Claimant::Handler))
    }

    /// Opens the virtual context of an item, if this is the context of a flat batch.
    pub(crate) fn open_flat_item(&self, index: u32, name: &OperationName<'_>) -> ContextKey {
        self.shared.with(|engine| engine.open_flat_item(self.key, index, name.as_deref()))
    }

    /// Returns whether the operation that would be claimed next with this name is recorded.
    pub(crate) fn is_recorded(&self, name: &OperationName<'_>, new: &NewOperation) -> bool {
        self.shared.drive(|engine| engine.peek(self.key, name.as_deref(), new).1.is_some())
    }

    /// Returns the scope of the body that owns this context.
    pub(crate) fn scope(&self) -> Scope {
        Scope::new(Arc::clone(&self.shared), Place::Context(self.key))
    }

    /// Returns the default serdes of its operations.
    pub(crate) fn serdes(&self) -> ContextSerdes {
        self.serdes.clone()
    }

    /// Returns whether the body that owns this context has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.shared.drive(|engine| engine.has_ended(self.key))
    }

    pub(crate) fn key(&self) -> ContextKey {
        self.key
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Claims an operation of this context, if the calling code is allowed to start one.
    pub(crate) fn claim(&self, name: &OperationName<'_>, new: NewOperation) -> Claimed {
        let what = || {
            name.as_deref()
                .map_or_else(|| "an unnamed operation".to_owned(), |name| format!("operation `{name}`"))
        };
        match self.claimant(what) {
            Ok(claimant) => {
                self.shared.claim(|engine| engine.claim(self.key, name.as_deref(), new, claimant))
            }
            Err(fatal) => {
                self.shared.fail(fatal);
                Claimed::Never
            }
        }
    }

    /// Returns which code uses this context, or an error if it is not the code that owns it.
    ///
    /// Code in the body of a step does not run again on replay, nor does code in the body of another context that has
    /// ended. Anything it requested here would be missing on replay or numbered differently.
    pub(crate) fn claimant(&self, what: impl FnOnce() -> String) -> Result<Claimant, Fatal> {
        match current_place(&self.shared) {
            None => Ok(self.shared.claimant()),
            Some(Place::Context(key)) if key == self.key => Ok(Claimant::Handler),
            Some(Place::Context(key)) => {
                let label = |key| self.shared.drive(|engine| engine.context_label(key));
                Err(Fatal::Misuse(format!(
                    "{} was requested from {} inside the body of {}; use the context that the body receives, because the \
                     outer one does not replay with it",
                    what(),
                    label(self.key),
                    label(key),
                )))
            }
            Some(Place::Step(step)) => {
                let step = step.name.as_deref();
                Err(Fatal::Misuse(format!(
                    "{} was requested inside the body of {}, which is recorded as a whole; request it before the step and \
                     let the body use the result, or group operations in a child context",
                    what(),
                    step.map_or_else(|| "an unnamed step".to_owned(), |name| format!("step `{name}`")),
                )))
            }
        }
    }
}

impl<S> fmt::Debug for DurableContext<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DurableContext")
            .field("execution_arn", &self.shared.execution_arn())
            .finish_non_exhaustive()
    }
}
