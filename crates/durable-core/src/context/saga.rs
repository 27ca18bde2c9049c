//! Sagas of a context, and what they ask of it.

use durable_engine::{NewOperation, OperationId, StepSemantics};
use durable_types::Operation;

use super::DurableContext;
use crate::Result;
use crate::operation::{OperationName, Saga, SagaContext};
use crate::scope::{Place, current};
use crate::serdes::{Records, SerdesChoice};

impl<S: SerdesChoice> DurableContext<S> {
    /// Runs steps that are undone, newest first, if the whole fails, and records the result of the whole.
    ///
    /// The body gets a context of its own and a [`SagaContext`](crate::SagaContext), whose steps say how they are
    /// [undone](crate::SagaStep::compensate). If the body returns an error or panics, the compensations of exactly those
    /// steps run that succeeded, each a step of its own: tried again if it fails, not run again once it is recorded. One
    /// that fails for good does not keep the others from running. The [`Error`](crate::Error) tells what the body
    /// failed with, and which compensations failed.
    ///
    /// A step that was dropped while it ran, as [`try_join!`](crate::try_join!) does with the others when one fails, is
    /// not undone: nobody knows how far it came. Wait for all of them with [`join!`](crate::join!) instead.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn book(what: &str, city: &str) -> std::io::Result<u32> { Ok(7) }
    /// # async fn cancel(what: &str, booking: u32) -> std::io::Result<()> { Ok(()) }
    /// async fn handler(city: String, ctx: DurableContext) -> Result<(u32, u32)> {
    ///     let trip = ctx
    ///         .saga("trip", async |ctx, saga| {
    ///             let hotel = saga
    ///                 .step("hotel", async |_| Ok(book("hotel", &city).await?))
    ///                 .compensate(async |hotel, _| Ok(cancel("hotel", hotel).await?))
    ///                 .await?;
    ///             let car = saga
    ///                 .step("car", async |_| Ok(book("car", &city).await?))
    ///                 .compensate(async |car, _| Ok(cancel("car", car).await?))
    ///                 .await?;
    ///             let is_approved: bool = ctx.wait_for_callback("approval", async |_, _| Ok(())).await?;
    ///             if is_approved { Ok((hotel, car)) } else { Err(durable_core::Error::msg("not approved")) }
    ///         })
    ///         .await?;
    ///     Ok(trip)
    /// }
    /// ```
    pub fn saga<'c, T, F, Fut>(&self, name: impl Into<OperationName<'c>>, body: F) -> Saga<'c, T, F>
    where
        T: Send + Sync + 'c,
        F: Fn(DurableContext, SagaContext<'c>) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
        S: Records<'c, T>,
    {
        Saga::new(self.base(), name.into(), self.serdes.serdes(), body)
    }
}

impl DurableContext {
    /// The id of the step that would be claimed next with this name, and what is recorded of it.
    pub(crate) fn recorded_step(&self, name: &OperationName<'_>) -> (OperationId, Option<Operation>) {
        let new = NewOperation::Step { semantics: StepSemantics::default() };
        self.shared.drive(|engine| {
            let (id, recorded) = engine.peek(self.key, name.as_deref(), &new);
            (id, recorded.cloned())
        })
    }

    /// Whether the code that is being polled runs again on replay whenever the body that has this context does.
    pub(crate) fn is_in_scope(&self) -> bool {
        match current().map(|scope| scope.place) {
            Some(Place::Context(key)) => self.shared.drive(|engine| engine.share_records(self.key, key)),
            Some(Place::Step(_)) => false,
            None => true,
        }
    }
}
