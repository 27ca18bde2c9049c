//! The context in which the body of a saga registers compensations.

use std::fmt;
use std::sync::Arc;

use durable_engine::{Fatal, NewOperation};

use super::compensations::Compensations;
use crate::context::DurableContext;
use crate::name::OperationName;
use crate::retry::RetryPolicy;
use crate::serdes::{ContextSerdes, Using};

/// The second argument of a saga's body, which runs steps that can be undone.
///
/// Its steps belong to the saga itself. In a child context, map or parallel inside the saga, use plain steps and
/// [register](Self::compensate) one compensation for all of it once it has ended.
///
/// Clones refer to the same saga.
#[derive(Clone)]
pub struct SagaContext<'c, S = ContextSerdes> {
    context: DurableContext<S>,
    compensations: Arc<Compensations<'c>>,
    retry: RetryPolicy<'c>,
}

impl<'c> SagaContext<'c> {
    pub(super) fn new(context: DurableContext, retry: RetryPolicy<'c>) -> Self {
        Self { context, compensations: Arc::new(Compensations::new()), retry }
    }

    /// Returns a context of the same saga whose steps use this serdes; see [`DurableContext::using`].
    ///
    /// A compensation reads the result of its step with the same serdes.
    pub fn using<S>(&self, serdes: S) -> SagaContext<'c, Using<S>> {
        self.with_context(self.context.using(serdes))
    }

    /// Fails the execution if the compensation cannot be registered here, where a replay would not register it again.
    pub(super) fn check(&self, name: &OperationName<'_>, problem: Option<String>) {
        let outside = "it was registered in a child context, which is not entered again once it has ended; \
                       register it in the body of the saga itself";
        let problem = problem.or_else(|| (!self.context.is_in_scope()).then(|| outside.to_owned()));
        if let Some(problem) = problem {
            let name = name.as_deref().unwrap_or_default();
            let text = format!("the compensation `{name}` cannot be registered: {problem}");
            self.context.shared().with(|engine| engine.fail(Fatal::Misuse(text)));
        }
    }

    pub(super) fn compensations(&self) -> Arc<Compensations<'c>> {
        Arc::clone(&self.compensations)
    }

    pub(super) fn retry(&self) -> &RetryPolicy<'c> {
        &self.retry
    }

    /// Returns a scope for the id of one compensation.
    pub(super) fn place(&self, name: &OperationName<'_>, new: &NewOperation) -> DurableContext {
        let (key, _) = self.context.open_virtual(name, new);
        DurableContext::new(Arc::clone(self.context.shared()), key, self.context.serdes())
    }
}

impl<'c, S> SagaContext<'c, S> {
    /// Returns the context of the saga, which its body receives as well.
    pub(super) fn context(&self) -> &DurableContext<S> {
        &self.context
    }

    /// Returns a context of the same saga whose steps are started in this context.
    pub(super) fn with_context<S2>(&self, context: DurableContext<S2>) -> SagaContext<'c, S2> {
        SagaContext { context, compensations: Arc::clone(&self.compensations), retry: self.retry.clone() }
    }
}

impl<S> fmt::Debug for SagaContext<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SagaContext").field("context", &self.context).finish_non_exhaustive()
    }
}
