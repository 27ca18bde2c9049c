//! The bodies of compensations, which undo steps that succeeded.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;

use durable_engine::OperationId;

use super::outcome::Outcome;
use crate::context::DurableContext;
use crate::error::{Error, Result};
use crate::serdes::{DeserializeValue, SerdesContext, TextOrigin, ValueReader};
use crate::step_context::StepContext;

/// The body of a compensation, independent of the result type of its step.
pub(super) type Undo<'c> = Arc<dyn Fn(StepContext) -> UndoFuture<'c> + Send + Sync + 'c>;

pub(super) type UndoFuture<'c> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'c>>;

/// The body of a compensation, which receives the result of its step.
pub(super) type UndoStep<'c, T> = Box<dyn Fn(T, StepContext) -> UndoFuture<'c> + Send + Sync + 'c>;

/// A step that may have succeeded.
pub(super) struct Succeeded {
    pub(super) context: DurableContext,
    pub(super) id: OperationId,
    pub(super) outcome: Arc<Outcome>,
}

impl Succeeded {
    /// Returns the compensation, which reads the result anew for each attempt, so that results need not be `Clone`.
    pub(super) fn undone_by<'c, T: Send + 'c>(
        self,
        reader: ValueReader<'c, T>,
        body: UndoStep<'c, T>,
    ) -> Undo<'c> {
        let all = Arc::new((self, reader, body));
        Arc::new(move |step| -> UndoFuture<'c> {
            let all = Arc::clone(&all);
            Box::pin(async move {
                let (succeeded, reader, body) = &*all;
                let value = succeeded.result(reader).await?;
                body(value, step).await
            })
        })
    }

    async fn result<T>(&self, reader: &ValueReader<'_, T>) -> Result<T> {
        let text = self.outcome.text();
        let context = SerdesContext::new(&**self.context.shared(), self.id, TextOrigin::Record);
        let read = reader.deserialize(text.as_deref().unwrap_or("null"), context).await;
        read.map_err(|error| Error::named(Cow::Borrowed("SerdesError"), error))
    }
}
