//! What a handler, and the body of a child context, get to work with.

mod lambda;
mod options;
mod saga;
mod serdes;
mod values;

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use durable_engine::{Claimant, Claimed, ContextKey, Fatal, NewOperation, OperationId};

use crate::operation::{
    ChildContext, CreateCallback, IntoPayload, Invoke, Map, OpenParallel, OperationName, Parallel, Step,
    Wait, WaitForCallback, WaitForCondition, WithRetry,
};
use crate::scope::{Place, Scope, current};
use crate::serdes::{ContextSerdes, Reads, Records, SerdesChoice, ValueReader};
use crate::shared::Shared;
use crate::{Result, StepContext};

/// The scope in which a handler starts operations.
///
/// Operations are told apart by their kind and name, and by how often this context has used that name: give operations
/// that run side by side different names, or each side a [child context](Self::run_in_child_context). A clone is the
/// same scope.
#[derive(Clone)]
pub struct DurableContext<S = ContextSerdes> {
    shared: Arc<Shared>,
    key: ContextKey,
    serdes: S,
}

impl<S: SerdesChoice> DurableContext<S> {
    /// Runs code and records its result: it does not run again once that is recorded.
    ///
    /// The body gets a [`StepContext`] and may borrow from the handler. An error is tried again as the step's
    /// [retry strategy](Step::retry) says, then it is recorded and returned as an [`Error`](crate::Error).
    /// A body may run more than once, when it fails and when an invocation dies while it runs; see
    /// [semantics](Step::semantics).
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn reserve(item: &str) -> std::io::Result<u32> { Ok(7) }
    /// async fn handler(item: String, ctx: DurableContext) -> Result<u32> {
    ///     ctx.step("reserve", async |_| Ok(reserve(&item).await?)).await
    /// }
    /// ```
    ///
    /// # What the compiler says of bodies
    /// - "async closure does not implement `Fn`": the body changes what it captures, or it is an `async move` closure, which
    ///   gives away what it captures the first time it runs. Return the change instead, and write
    ///   `move |_| { let item = item.clone(); async move { .. } }` for a body that owns what it uses.
    /// - "implementation of `Deserialize` is not general enough": the result borrows, but it is read from the record on
    ///   replay. Return an owned value, such as `String` for `&str`.
    /// - "`!: Serialize` is not satisfied" or "type annotations needed": nothing says what the body returns, because it only
    ///   fails. Name the type in its `Err`.
    ///
    /// The same holds for the bodies of all operations.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Error, Result};
    /// # async fn reserve(item: String) -> std::io::Result<u32> { Ok(7) }
    /// # async fn handler(items: Vec<String>, ctx: DurableContext) -> Result<()> {
    /// for item in items {
    ///     let body = move |_| {
    ///         let item = item.clone();
    ///         async move { Ok(reserve(item).await?) }
    ///     };
    ///     let _reservation = ctx.step("reserve", body).await?;
    /// }
    /// ctx.step("give up", async |_| Err::<(), _>(Error::msg("not today"))).await
    /// # }
    /// ```
    pub fn step<'c, T, F, Fut>(&self, name: impl Into<OperationName<'c>>, body: F) -> Step<'c, T, F>
    where
        T: Send + Sync + 'c,
        F: Fn(StepContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
        S: Records<'c, T>,
    {
        Step::new(self.base(), name.into(), self.serdes.serdes(), body)
    }

    /// Lets time pass without an invocation: 1 second to 366 days, fractions of a second rounded up.
    ///
    /// The time counts from when the wait begins, not from when the invocation ends.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// async fn handler(_: (), ctx: DurableContext) -> Result<()> {
    ///     ctx.wait("settle", Duration::from_hours(24)).await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn wait<'c>(&self, name: impl Into<OperationName<'c>>, duration: Duration) -> Wait<'c> {
        Wait::new(self.base(), name.into(), duration)
    }

    /// Runs operations in a scope of their own, and records the result of the whole.
    ///
    /// Names need to be unlike only within a context, and a context that has ended is not entered again on replay,
    /// unless its result was too large to record (over 256 KiB): then its body runs again over what its operations
    /// recorded. An error is recorded and returned as an [`Error`](crate::Error).
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// async fn handler(_: (), ctx: DurableContext) -> Result<String> {
    ///     let label = ctx
    ///         .run_in_child_context("ship", async |ctx| {
    ///             let parcel = ctx.step("pack", async |_| Ok(1_u32)).await?;
    ///             ctx.step("label", async |_| Ok(format!("parcel {parcel}"))).await
    ///         })
    ///         .await?;
    ///     Ok(label)
    /// }
    /// ```
    pub fn run_in_child_context<'c, T, F, Fut>(
        &self,
        name: impl Into<OperationName<'c>>,
        body: F,
    ) -> ChildContext<'c, T, F>
    where
        T: Send + Sync + 'c,
        F: Fn(DurableContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
        S: Records<'c, T>,
    {
        ChildContext::new(self.base(), name.into(), self.serdes.serdes(), body)
    }

    /// Runs a block of operations, and all of it again when it fails, and records the result of the whole.
    ///
    /// The body gets the number of its attempt; the first is 1. Each attempt has operations of its own, so that what
    /// succeeded in an attempt that failed later runs again in the next. Between attempts the execution waits without an
    /// invocation, as the [strategy](WithRetry::retry) says. The error of the last attempt is recorded and returned as a
    /// [`Error`](crate::Error).
    ///
    /// A single step needs none of this: it has a [retry strategy](Step::retry) of its own.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn reserve(item: &str) -> std::io::Result<u32> { Ok(7) }
    /// async fn handler(item: String, ctx: DurableContext) -> Result<String> {
    ///     let label = ctx
    ///         .with_retry("ship", async |ctx, _attempt| {
    ///             let parcel = ctx.step("reserve", async |_| Ok(reserve(&item).await?)).await?;
    ///             ctx.invoke("label", "labels:live", &parcel).await
    ///         })
    ///         .await?;
    ///     Ok(label)
    /// }
    /// ```
    pub fn with_retry<'c, T, F, Fut>(
        &self,
        name: impl Into<OperationName<'c>>,
        body: F,
    ) -> WithRetry<'c, T, F>
    where
        T: Send + Sync + 'c,
        F: Fn(DurableContext, u32) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
        S: Records<'c, T>,
    {
        WithRetry::new(self.base(), name.into(), self.serdes.serdes(), body)
    }

    /// Creates a callback: a result that another system delivers, to the id that comes back.
    ///
    /// Await the callback that comes back for the answer, which is JSON unless the context is [using](DurableContext::using)
    /// another serdes. An answer of no interest can be [ignored](CreateCallback::ignore_answer). How it ended shows there and not when it is created, so that the code in between is the same on
    /// replay. See [`wait_for_callback`](Self::wait_for_callback) for both in one.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// # async fn mail(text: &str) -> std::io::Result<()> { Ok(()) }
    /// async fn handler(_: (), ctx: DurableContext) -> Result<bool> {
    ///     let approval = ctx.create_callback("approval").timeout(Duration::from_hours(24)).await?;
    ///     ctx.step("ask", async |_| Ok(mail(approval.id()).await?)).await?;
    ///     approval.await
    /// }
    /// ```
    pub fn create_callback<'c, T>(&self, name: impl Into<OperationName<'c>>) -> CreateCallback<'c, T>
    where
        T: Send + 'c,
        S: Reads<'c, T>,
    {
        CreateCallback::new(self.base(), name.into(), self.serdes.reader())
    }

    /// Creates a callback, runs a submitter that tells somebody of its id, and waits for the answer.
    ///
    /// All of it is recorded as one context. An answer of no interest can be [ignored](WaitForCallback::ignore_answer). The submitter is a step: it runs at least once and is tried again as
    /// [its retry strategy](WaitForCallback::retry) says.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// # async fn mail(text: &str) -> std::io::Result<()> { Ok(()) }
    /// async fn handler(_: (), ctx: DurableContext) -> Result<bool> {
    ///     ctx
    ///         .wait_for_callback("approval", async |id, _| Ok(mail(&id).await?))
    ///         .timeout(Duration::from_hours(24))
    ///         .await
    /// }
    /// ```
    pub fn wait_for_callback<'c, T, F, Fut>(
        &self,
        name: impl Into<OperationName<'c>>,
        submitter: F,
    ) -> WaitForCallback<'c, T, F>
    where
        T: Send + Sync + 'c,
        F: Fn(String, StepContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<()>> + Send + 'c,
        S: Records<'c, T>,
    {
        WaitForCallback::new(self.base(), name.into(), self.serdes.serdes(), submitter)
    }

    /// Calls another function and waits for its result, without an invocation of this one meanwhile.
    ///
    /// The function is named as for Lambda's Invoke: by name, partial ARN or ARN; one that is durable needs a version or
    /// an alias. The payload, borrowed or owned, is sent as JSON, at most 1 MiB, unless it is a [`Payload`](crate::Payload)
    /// with a serdes of its own. The result is read as JSON, unless the context is [using](DurableContext::using) another
    /// serdes; a result of no interest can be [ignored](Invoke::ignore_result).
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// async fn handler(cents: u64, ctx: DurableContext) -> Result<u64> {
    ///     let tax: u64 = ctx.invoke("tax", "tax-calculator:live", &cents).await?;
    ///     Ok(cents + tax)
    /// }
    /// ```
    pub fn invoke<'c, T, P>(
        &self,
        name: impl Into<OperationName<'c>>,
        function_name: impl Into<String>,
        payload: P,
    ) -> Invoke<'c, T, P::Value>
    where
        T: Send + 'c,
        P: IntoPayload<'c, Value: Send + Sync + 'c>,
        S: Reads<'c, T>,
    {
        let (payload, reader) = (payload.into_payload(), self.serdes.reader());
        Invoke::new(self.base(), name.into(), function_name.into(), payload, reader)
    }

    /// Checks a condition until it is met, without an invocation between the checks.
    ///
    /// The check gets the state that the check before left, at first `initial`, and says to `Continue` with another
    /// state or to `Break` with the result. When it is checked again, and how often at most, is up to the
    /// [strategy](WaitForCondition::strategy). A check that fails is not repeated: its error is the error of all.
    ///
    /// ```
    /// # use std::ops::ControlFlow::{Break, Continue};
    /// # use durable_core::{DurableContext, Result};
    /// # async fn status(id: &str) -> std::io::Result<Option<String>> { Ok(None) }
    /// async fn handler(id: String, ctx: DurableContext) -> Result<String> {
    ///     ctx
    ///         .wait_for_condition("ready", 0, async |checks: u32, _| match status(&id).await? {
    ///             Some(outcome) => Ok(Break(format!("{outcome} after {checks} checks"))),
    ///             None => Ok(Continue(checks + 1)),
    ///         })
    ///         .await
    /// }
    /// ```
    pub fn wait_for_condition<'c, I, T, F, Fut>(
        &self,
        name: impl Into<OperationName<'c>>,
        initial: I,
        check: F,
    ) -> WaitForCondition<'c, I, T, F>
    where
        I: Send + Sync + 'c,
        T: Send + Sync + 'c,
        F: Fn(I, StepContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<ControlFlow<T, I>>> + Send + 'c,
        S: Records<'c, I> + Records<'c, T>,
    {
        let serdes = (self.serdes.serdes(), self.serdes.serdes());
        WaitForCondition::new(self.base(), name.into(), serdes, initial, check)
    }

    /// Runs a body for each item, side by side, each in a context of its own, and records all results.
    ///
    /// Items are started in order, [so many at a time](Map::max_concurrency). Without
    /// [rules](Map::tolerated_failure_count) the first failure completes the map: no further item is started, and those
    /// that run are dropped. That items fail is not an error of the map: the [`BatchResult`](crate::BatchResult) says
    /// what became of each. Items may be borrowed from the handler.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn label(item: &str) -> std::io::Result<String> { Ok(item.to_owned()) }
    /// async fn handler(items: Vec<String>, ctx: DurableContext) -> Result<Vec<String>> {
    ///     let labels = ctx
    ///         .map("ship", &items, async |ctx, item, _index| {
    ///             ctx.step("label", async |_| Ok(label(item).await?)).await
    ///         })
    ///         .max_concurrency(8)
    ///         .await?;
    ///     labels.into_result()
    /// }
    /// ```
    pub fn map<'c, I, T, F, Fut>(
        &self,
        name: impl Into<OperationName<'c>>,
        items: I,
        body: F,
    ) -> Map<'c, I, T, F>
    where
        I: IntoIterator<Item: Send + 'c>,
        T: Send + Sync + 'c,
        F: Fn(DurableContext, I::Item, usize) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
        S: Records<'c, T>,
    {
        Map::new(self.base(), name.into(), self.serdes.serdes(), items, body)
    }

    /// Runs branches side by side, each in a context of its own, and records all results.
    ///
    /// It is [`map`](Self::map) with a body for each branch.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// async fn handler(_: (), ctx: DurableContext) -> Result<Vec<u32>> {
    ///     let both = ctx
    ///         .parallel("both")
    ///         .branch("slow", async |ctx| {
    ///             ctx.wait("settle", Duration::from_secs(60)).await?;
    ///             Ok(1)
    ///         })
    ///         .branch("quick", async |ctx| ctx.step("count", async |_| Ok(2)).await)
    ///         .await?;
    ///     both.into_result()
    /// }
    /// ```
    pub fn parallel<'c, T>(&self, name: impl Into<OperationName<'c>>) -> Parallel<'c, T>
    where
        T: Send + Sync + 'c,
        S: Records<'c, T>,
    {
        Parallel::new(self.base(), name.into(), self.serdes.serdes())
    }

    /// The context itself, with the serdes of the context alone.
    pub(crate) fn base(&self) -> DurableContext {
        DurableContext::new(Arc::clone(&self.shared), self.key, self.serdes.context_serdes().clone())
    }

    /// What reads the results that another system writes.
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

    /// Opens a parallel whose branches return values of different types, and to which branches can be added depending on
    /// what earlier ones returned.
    ///
    /// Each branch has a [handle](crate::Branch), a future of its result. A branch that fails stops none of the others.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn reserve(sku: &str) -> std::io::Result<String> { Ok(sku.to_owned()) }
    /// # async fn price(sku: &str) -> std::io::Result<u32> { Ok(7) }
    /// async fn handler(sku: String, ctx: DurableContext) -> Result<(String, u32, bool)> {
    ///     let mut open = ctx.open_parallel("order").max_concurrency(2);
    ///     let reservation =
    ///         open.branch("reserve", async |ctx| ctx.step("reserve", async |_| Ok(reserve(&sku).await?)).await);
    ///     let price = open.branch("price", async |ctx| ctx.step("price", async |_| Ok(price(&sku).await?)).await);
    ///
    ///     let price = price.await?;
    ///     let is_cheap =
    ///         open.branch("check", async move |ctx| ctx.step("check", async |_| Ok(price < 1_000)).await);
    ///     open.close().await?;
    ///     Ok((reservation.await?, price, is_cheap.await?))
    /// }
    /// ```
    pub fn open_parallel<'c>(&self, name: impl Into<OperationName<'c>>) -> OpenParallel<'c> {
        OpenParallel::new(self.clone(), name.into())
    }

    /// Whether this execution takes over a change of code, for changes that must not touch executions already past them.
    ///
    /// True in executions that come here for the first time, which is recorded under this name, and whenever they come
    /// here again; false in those that are past this point. Once no execution is left from before the change, the
    /// question can be removed with the old code. It costs no request of its own.
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

    /// The ARN of the execution.
    pub fn execution_arn(&self) -> &str {
        self.shared.execution_arn()
    }

    /// Whether the next operation of this context is one that an earlier invocation began.
    ///
    /// Good for what should happen once, such as writing a log line; never for deciding which operations to start.
    pub fn is_replaying(&self) -> bool {
        self.shared.drive(|engine| engine.is_replaying(self.key))
    }

    /// Opens a context that is not recorded, in the place of an operation of this one.
    pub(crate) fn open_virtual(
        &self,
        name: &OperationName<'_>,
        new: &NewOperation,
    ) -> (ContextKey, OperationId) {
        self.shared.with(|engine| engine.open_virtual(self.key, name.as_deref(), new, Claimant::Handler))
    }

    /// Whether the operation that would be claimed next with this name is recorded.
    pub(crate) fn is_recorded(&self, name: &OperationName<'_>, new: &NewOperation) -> bool {
        self.shared.drive(|engine| engine.peek(self.key, name.as_deref(), new).1.is_some())
    }

    /// The scope of the body that has this context.
    pub(crate) fn scope(&self) -> Scope {
        Scope { shared: Arc::clone(&self.shared), place: Place::Context(self.key) }
    }

    /// What its operations are recorded with by default.
    pub(crate) fn serdes(&self) -> ContextSerdes {
        self.serdes.clone()
    }

    /// Whether the body that has this context has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.shared.drive(|engine| engine.has_ended(self.key))
    }

    pub(crate) fn key(&self) -> ContextKey {
        self.key
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Claims an operation of this context, unless it must not be started where the code is.
    pub(crate) fn claim(&self, name: &OperationName<'_>, new: NewOperation) -> Claimed {
        let what = || format!("operation `{}`", name.as_deref().unwrap_or_default());
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

    /// Which code asks this context for something, which must be the code whose context it is.
    ///
    /// Code in the body of a step does not run again on replay, nor does code in the body of another context that has
    /// ended, so what it asks for here would be missing or numbered differently.
    pub(crate) fn claimant(&self, what: impl FnOnce() -> String) -> Result<Claimant, Fatal> {
        let scope = current().filter(|scope| Arc::ptr_eq(&scope.shared, &self.shared));
        match scope.map(|scope| scope.place) {
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
            Some(Place::Step(step)) => Err(Fatal::Misuse(format!(
                "{} was requested inside the body of step `{}`, which is recorded as a whole; request it before the step \
                 and let the body use the result, or group operations in a child context",
                what(),
                step.name.as_deref().unwrap_or_default(),
            ))),
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
