//! The outcome of a step in a saga, for its compensation.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use durable_engine::OperationId;

use super::compensations::{Undo, UndoFuture};
use crate::context::DurableContext;
use crate::error::{BoxError, Error, Result};
use crate::serdes::{DeserializeValue, SerdesContext, TextOrigin, ValueReader};
use crate::step_context::StepContext;

/// The body of a compensation, which receives the result of its step.
pub(super) type UndoStep<'c, T> = Box<dyn Fn(T, StepContext) -> UndoFuture<'c> + Send + Sync + 'c>;

/// The recorded result of a step, once it has one.
#[derive(Default)]
pub(super) struct Outcome(Mutex<Option<Arc<str>>>);

impl Outcome {
    /// Returns the outcome of an operation that succeeded without a result.
    pub(super) fn succeeded() -> Self {
        Self(Mutex::new(Some("null".into())))
    }

    pub(super) fn note(&self, text: &str) {
        self.set(Some(text.into()));
    }

    /// Clears the outcome, because the step failed after all.
    pub(super) fn forget(&self) {
        self.set(None);
    }

    pub(super) fn text(&self) -> Option<Arc<str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, text: Option<Arc<str>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }
}

/// A reader that notes each recorded result of a step just before the step returns it.
pub(super) struct Noting<'s, T> {
    pub(super) reader: ValueReader<'s, T>,
    pub(super) outcome: Arc<Outcome>,
}

impl<T> DeserializeValue<T> for Noting<'_, T> {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<T, BoxError> {
        let value = self.reader.deserialize(text, context).await?;
        self.outcome.note(text);
        Ok(value)
    }

    fn is_json(&self) -> bool {
        self.reader.is_json()
    }
}

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
