//! The outcome of a step in a saga, for its compensation.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::BoxError;
use crate::serdes::{DeserializeValue, SerdesContext, ValueReader};

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
