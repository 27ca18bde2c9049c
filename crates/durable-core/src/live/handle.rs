//! The link between a future and its operation, which ends when the future is dropped.

use std::future::{Ready, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll};

use durable_engine::{
    Claimed, ContextKey, NewOperation, OperationId, OperationKey, Progress, RetryDecision, Settled,
};
use durable_types::ErrorObject;

use super::read::read;
use crate::context::DurableContext;
use crate::error::{OperationKind, Result, Subject};
use crate::name::OperationName;
use crate::scope::{Place, Scope, StepScope};
use crate::serdes::{ContextSerdes, DeserializeValue, Serdes, SerdesContext, TextOrigin, round_trip};
use crate::shared::Shared;

/// The outcome of a claim.
pub(crate) enum Claim {
    /// The operation ended in an earlier invocation; its result is delivered at its turn.
    Settled(OperationId, Settled, TextOrigin, Turn),
    /// The operation is driven in this invocation.
    Live(LiveHandle),
    /// The execution is about to end.
    Never,
}

impl Claim {
    /// Claims an operation, which gives it an id.
    pub(crate) fn make(context: &DurableContext, name: &OperationName<'_>, new: NewOperation) -> Self {
        let (origin, kind) = (TextOrigin::of(&new), OperationKind::of(&new));
        match context.claim(name, new) {
            Claimed::Settled(id, settled) => Self::Settled(id, settled, origin, Turn::now()),
            Claimed::Deferred(id, key, settled) => {
                let turn = Turn::deferred(Arc::clone(context.shared()), key);
                Self::Settled(id, settled, origin, turn)
            }
            Claimed::Live(id, key) => {
                let (shared, serdes) = (Arc::clone(context.shared()), context.serdes());
                let name = name.as_deref().map(Box::from);
                Self::Live(LiveHandle { shared, id, name, key, kind, origin, serdes })
            }
            Claimed::Never => Self::Never,
        }
    }
}

/// The turn at which the future of an operation that ended in an earlier invocation may return its result: at once, or
/// when the engine delivers it.
pub(crate) struct Turn(Option<(Arc<Shared>, OperationKey)>);

impl Turn {
    pub(crate) fn now() -> Self {
        Self(None)
    }

    fn deferred(shared: Arc<Shared>, key: OperationKey) -> Self {
        Self(Some((shared, key)))
    }

    /// Returns whether the turn is known to have come.
    pub(crate) fn has_come(&self) -> bool {
        self.0.is_none()
    }

    /// Polls whether the turn has come.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        if let Some((shared, key)) = &self.0 {
            if !shared.poll_deferred(*key, cx) {
                return Poll::Pending;
            }
            // The operation was released along with its result and must not be released again.
            self.0 = None;
        }
        Poll::Ready(())
    }

    /// Waits until the turn has come.
    pub(crate) async fn come(mut self) {
        poll_fn(|cx| self.poll(cx)).await;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some((shared, key)) = &self.0 {
            shared.release(*key);
        }
    }
}

/// An operation that is driven in this invocation.
pub(crate) struct LiveHandle {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: OperationId,
    name: Option<Box<str>>,
    key: OperationKey,
    kind: OperationKind,
    origin: TextOrigin,
    /// The default serdes of its context.
    serdes: ContextSerdes,
}

/// The work that an operation requires of its future.
pub(crate) enum Work {
    /// Run the body for this attempt, with the state that the previous attempt left.
    Attempt { number: u32, carried: Option<String> },
    /// Decide whether to retry an attempt that an earlier invocation did not finish.
    Interrupted { number: u32, error: ErrorObject },
    /// Run the body in this context; `summary` is what was recorded in place of a result, if anything.
    Enter { context: DurableContext, summary: Option<String> },
}

impl LiveHandle {
    /// Drives the operation to its end. The work reports how it ended and resolves to the result as a replay will see
    /// it.
    ///
    /// On replay the end may be deferred until the recorded result is delivered.
    pub(crate) async fn drive<T, Fut: Future<Output = Option<T>>>(
        &self,
        name: &OperationName<'_>,
        serdes: &impl DeserializeValue<T>,
        mut work: impl FnMut(Work) -> Option<Fut>,
    ) -> Result<T> {
        let mut value = None;
        loop {
            let asked = match self.progress().await {
                Progress::Settled(settled) => return self.settle(name, settled, value, serdes).await,
                Progress::Run { attempt, carried } => Work::Attempt { number: attempt, carried },
                Progress::Interrupted { attempt, error } => Work::Interrupted { number: attempt, error },
                Progress::Enter { context, summary } => Work::Enter { context: self.open(context), summary },
                Progress::Pending | Progress::Created { .. } | Progress::Orphaned => continue,
            };
            if let Some(work) = work(asked) {
                value = work.await.or(value);
            }
        }
    }

    /// Waits for the end of an operation without a body.
    pub(crate) fn wait<T>(
        &self,
        name: &OperationName<'_>,
        serdes: &impl DeserializeValue<T>,
    ) -> impl Future<Output = Result<T>> {
        self.drive(name, serdes, |_| None::<Ready<_>>)
    }

    /// Runs the body of a context, once, and drives the context to its end.
    pub(crate) fn drive_context<T, Fut: Future<Output = Option<T>>>(
        &self,
        name: &OperationName<'_>,
        serdes: &impl DeserializeValue<T>,
        body: impl FnOnce(DurableContext) -> Fut,
    ) -> impl Future<Output = Result<T>> {
        let mut body = Some(body);
        self.drive(name, serdes, move |work| match work {
            Work::Enter { context, .. } => body.take().map(|body| body(context)),
            Work::Attempt { .. } | Work::Interrupted { .. } => None,
        })
    }

    /// Waits until a callback has its id.
    pub(crate) async fn created(&self) -> String {
        loop {
            if let Progress::Created { callback_id } = self.progress().await {
                return callback_id;
            }
        }
    }

    /// Waits until the operation requires work or has ended.
    pub(crate) async fn progress(&self) -> Progress {
        poll_fn(|cx| match self.shared.poll(self.key, cx) {
            // An orphan is never woken again; its future is dropped along with the task or context that holds it.
            Progress::Pending | Progress::Orphaned => Poll::Pending,
            progress => Poll::Ready(progress),
        })
        .await
    }

    /// Returns the context in which the body runs.
    fn open(&self, context: ContextKey) -> DurableContext {
        DurableContext::new(Arc::clone(&self.shared), context, self.serdes.clone())
    }

    /// Reports how the body of a context ended. Returns its value as a replay will see it.
    pub(crate) async fn finish<T>(
        &self,
        ended: Result<T, ErrorObject>,
        serdes: &impl Serdes<T>,
    ) -> Option<T> {
        match ended {
            Ok(value) => self.succeed(value, serdes).await,
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }

    /// Returns whether this is an invocation of a function that is waiting for its payload.
    pub(crate) fn wants_input(&self) -> bool {
        self.shared.drive(|engine| engine.wants_input(self.key))
    }

    /// Reports the payload for the invoked function.
    pub(crate) fn give_input(&self, input: String) {
        let trace_header = self.trace_header();
        self.shared.with(|engine| engine.handle_input(self.key, input, trace_header));
    }

    /// Returns the trace header that plugins provide, if the code set none.
    fn trace_header(&self) -> Option<String> {
        let observers = self.shared.observers()?;
        let (parent, function) = self.shared.drive(|engine| {
            let (parent, function) = engine.untraced_invoke(self.key)?;
            Some((parent.map(|id| id.to_string()), function.to_owned()))
        })?;
        let (id, name) = (self.id.to_string(), self.name.as_deref());
        observers.trace_header((&id, name), (parent.as_deref(), &function))
    }

    /// Reports that the payload cannot be sent.
    pub(crate) fn refuse_input(&self) {
        self.shared.with(|engine| engine.handle_input_refused(self.key));
    }

    /// Reports that the body succeeded. Returns its value as a replay will see it.
    pub(crate) async fn succeed<T>(&self, value: T, serdes: &impl Serdes<T>) -> Option<T> {
        match round_trip(serdes, &value, self.serdes_context()).await {
            Ok((text, value)) => {
                self.shared.with(|engine| engine.handle_succeeded(self.key, Some(text)));
                Some(value)
            }
            // The error is final, because the same value would fail the same way again.
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }

    /// Reports that the body succeeded with a value that has already been serialized.
    pub(crate) fn succeed_text(&self, text: String) {
        self.shared.with(|engine| engine.handle_succeeded(self.key, Some(text)));
    }

    /// Reports that a context succeeded whose result every invocation rebuilds from the operations inside.
    pub(crate) fn succeed_by_summary(&self, summary: String) {
        self.shared.with(|engine| engine.handle_summarized(self.key, None, Some(summary)));
    }

    /// Reports that a context succeeded; the summary is recorded if the result is too large.
    pub(crate) fn succeed_summarized(&self, text: String, summary: String) {
        self.shared.with(|engine| engine.handle_summarized(self.key, Some(text), Some(summary)));
    }

    /// Reports a decision of the code between futures of its own.
    pub(crate) fn decide(&self, decision: String) {
        self.shared.with(|engine| engine.handle_decided(self.key, decision));
    }

    /// Reports that a condition is not met, and whether it is checked again.
    pub(crate) fn unmet(&self, state: String, decision: RetryDecision) {
        self.shared.with(|engine| engine.handle_unmet(self.key, state, decision));
    }

    /// Reports that the body failed for good.
    pub(crate) fn fail(&self, error: ErrorObject) {
        self.fail_attempt(error, RetryDecision::Stop);
    }

    /// Reports that an attempt failed, and whether it is retried.
    pub(crate) fn fail_attempt(&self, error: ErrorObject, decision: RetryDecision) {
        self.shared.with(|engine| engine.handle_failed(self.key, error, decision));
    }

    /// Returns the output of an operation that has ended; `value` is the result if this invocation produced it.
    async fn settle<T>(
        &self,
        name: &OperationName<'_>,
        settled: Settled,
        value: Option<T>,
        serdes: &impl DeserializeValue<T>,
    ) -> Result<T> {
        match (settled, value) {
            (Settled::Succeeded(_), Some(value)) => Ok(value),
            (Settled::Succeeded(text), None) => {
                let read = read(serdes, text.as_deref(), name, self.serdes_context()).await;
                read.map_err(|error| self.subject(name).failed(error))
            }
            (Settled::Failed { status, error }, _) => Err(self.subject(name).ended(status, *error)),
        }
    }

    /// Returns the ARN of the execution.
    pub(crate) fn execution_arn(&self) -> &str {
        self.shared.execution_arn()
    }

    /// Returns the subject of the operation's errors.
    pub(crate) fn subject<'n>(&self, name: &'n OperationName<'_>) -> Subject<'n> {
        Subject::new(self.kind, name.as_deref()).with_id(self.id)
    }

    /// Returns the scope of an attempt of this step.
    pub(crate) fn step_scope(&self, name: &OperationName<'_>, attempt: u32) -> Scope {
        let name = name.as_deref().map(str::to_owned);
        let step = StepScope { name, id: self.id, attempt };
        Scope::new(Arc::clone(&self.shared), Place::Step(Arc::new(step)))
    }

    pub(crate) fn serdes_context(&self) -> SerdesContext<'_> {
        SerdesContext::new(&*self.shared, self.id, self.origin).named(self.name.as_deref())
    }
}

impl Drop for LiveHandle {
    fn drop(&mut self) {
        self.shared.release(self.key);
    }
}
