//! What a step of a saga came to, for its compensation.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use durable_engine::OperationId;

use super::compensations::{Undo, UndoFuture};
use crate::{
    BoxError, DeserializeValue, DurableContext, Error, Result, Serdes, SerdesContext, SerializeValue,
    StepContext, TextOrigin,
};

/// The result of a step as it is recorded, once it has one.
#[derive(Default)]
pub(super) struct Outcome(Mutex<Option<Arc<str>>>);

impl Outcome {
    /// The outcome of what has succeeded without a result.
    pub(super) fn succeeded() -> Self {
        Self(Mutex::new(Some("null".into())))
    }

    pub(super) fn note(&self, text: &str) {
        self.set(Some(text.into()));
    }

    /// The step failed after all.
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

/// A serdes that notes what is recorded: it reads every result that a step has, right before it is handed out.
pub(super) struct Noting<S> {
    pub(super) serdes: Arc<S>,
    pub(super) outcome: Arc<Outcome>,
}

impl<T: Sync, S: SerializeValue<T>> SerializeValue<T> for Noting<S> {
    async fn serialize(&self, value: &T, context: SerdesContext<'_>) -> Result<String, BoxError> {
        self.serdes.serialize(value, context).await
    }
}

impl<T: Sync, S: DeserializeValue<T>> DeserializeValue<T> for Noting<S> {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<T, BoxError> {
        let value = self.serdes.deserialize(text, context).await?;
        self.outcome.note(text);
        Ok(value)
    }

    fn is_json(&self) -> bool {
        self.serdes.is_json()
    }
}

/// A step that may have succeeded.
pub(super) struct Succeeded {
    pub(super) context: DurableContext,
    pub(super) id: OperationId,
    pub(super) outcome: Arc<Outcome>,
}

impl Succeeded {
    /// The compensation that gets its result. Each attempt reads it anew, so nobody has to clone it.
    pub(super) fn undone_by<'c, T, S, C, Fut>(self, serdes: Arc<S>, body: C) -> Undo<'c>
    where
        T: Send + Sync + 'c,
        S: Serdes<T> + 'c,
        C: Fn(T, StepContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<()>> + Send + 'c,
    {
        let all = Arc::new((self, serdes, body));
        Arc::new(move |step| -> UndoFuture<'c> {
            let all = Arc::clone(&all);
            Box::pin(async move {
                let (succeeded, serdes, body) = &*all;
                let value = succeeded.result(serdes.as_ref()).await?;
                body(value, step).await
            })
        })
    }

    async fn result<T>(&self, serdes: &impl Serdes<T>) -> Result<T> {
        let text = self.outcome.text();
        let context = SerdesContext::new(self.context.shared(), self.id, TextOrigin::Record);
        let read = serdes.deserialize(text.as_deref().unwrap_or("null"), context).await;
        read.map_err(|error| Error::named(Cow::Borrowed("SerdesError"), error))
    }
}
