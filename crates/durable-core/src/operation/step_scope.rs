//! The contexts in which steps made by `#[durable::step]` can start.

use serde::{Deserialize, Serialize};

use super::saga::{SagaContext, SagaStep};
use super::step::Step;
use crate::context::DurableContext;
use crate::error::Result;
use crate::step_context::StepContext;

/// A context that a `#[durable::step]` function accepts: a [`DurableContext`], or the [`SagaContext`] of a saga, in
/// which steps can have [compensations](SagaStep::compensate).
#[diagnostic::on_unimplemented(
    message = "a step cannot start in `{Self}`",
    label = "this is not a context",
    note = "pass the `DurableContext` of a handler or of a child context, or the `SagaContext` of a saga"
)]
pub trait StepScope: sealed::Sealed {
    /// The builder of a step in this context.
    type Step<'s, T: 's, F: 's>;

    #[doc(hidden)]
    fn step_of<'s, T, F, Fut>(
        &self,
        name: &'static str,
        body: F,
        configure: impl FnOnce(Step<'s, T, F>) -> Step<'s, T, F>,
    ) -> Self::Step<'s, T, F>
    where
        T: Serialize + for<'de> Deserialize<'de> + Send + Sync + 's,
        F: Fn(StepContext) -> Fut + Send + Sync + 's,
        Fut: Future<Output = Result<T>> + Send + 's;
}

impl StepScope for DurableContext {
    type Step<'s, T: 's, F: 's> = Step<'s, T, F>;

    fn step_of<'s, T, F, Fut>(
        &self,
        name: &'static str,
        body: F,
        configure: impl FnOnce(Step<'s, T, F>) -> Step<'s, T, F>,
    ) -> Step<'s, T, F>
    where
        T: Serialize + for<'de> Deserialize<'de> + Send + Sync + 's,
        F: Fn(StepContext) -> Fut + Send + Sync + 's,
        Fut: Future<Output = Result<T>> + Send + 's,
    {
        configure(self.step(name, body))
    }
}

impl<'c> StepScope for SagaContext<'c> {
    type Step<'s, T: 's, F: 's> = SagaStep<'s, 'c, T, F>;

    fn step_of<'s, T, F, Fut>(
        &self,
        name: &'static str,
        body: F,
        configure: impl FnOnce(Step<'s, T, F>) -> Step<'s, T, F>,
    ) -> SagaStep<'s, 'c, T, F>
    where
        T: Serialize + for<'de> Deserialize<'de> + Send + Sync + 's,
        F: Fn(StepContext) -> Fut + Send + Sync + 's,
        Fut: Future<Output = Result<T>> + Send + 's,
    {
        self.step(name, body).configured(configure)
    }
}

#[diagnostic::do_not_recommend]
impl<C: StepScope> StepScope for &C {
    type Step<'s, T: 's, F: 's> = C::Step<'s, T, F>;

    fn step_of<'s, T, F, Fut>(
        &self,
        name: &'static str,
        body: F,
        configure: impl FnOnce(Step<'s, T, F>) -> Step<'s, T, F>,
    ) -> C::Step<'s, T, F>
    where
        T: Serialize + for<'de> Deserialize<'de> + Send + Sync + 's,
        F: Fn(StepContext) -> Fut + Send + Sync + 's,
        Fut: Future<Output = Result<T>> + Send + 's,
    {
        C::step_of(self, name, body, configure)
    }
}

mod sealed {
    use super::{DurableContext, SagaContext};

    pub trait Sealed {}

    impl Sealed for DurableContext {}
    impl Sealed for SagaContext<'_> {}
    impl<C: Sealed> Sealed for &C {}
}
