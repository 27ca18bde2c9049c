//! Texts that other systems wrote.

use super::{Serdes, SerdesContext};
use crate::BoxError;

/// Tells a serdes that what it reads was written by another system.
pub(crate) struct External<S>(pub(crate) S);

impl<T, S: Serdes<T>> Serdes<T> for External<S> {
    fn serialize(
        &self,
        value: &T,
        context: SerdesContext<'_>,
    ) -> impl Future<Output = Result<String, BoxError>> + Send {
        self.0.serialize(value, context)
    }

    fn deserialize(
        &self,
        text: &str,
        context: SerdesContext<'_>,
    ) -> impl Future<Output = Result<T, BoxError>> + Send {
        self.0.deserialize(text, context.external())
    }

    fn writes_json(&self) -> bool {
        self.0.writes_json()
    }
}
