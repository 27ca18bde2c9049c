//! The serdes of a context, for operations without one of their own.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{AnyValue, DeserializeValue, Serdes, SerdesContext, SerializeValue, TextOrigin};
use crate::error::BoxError;

/// What operations are recorded with that have no serdes of their own: the serdes of their
/// [context](crate::DurableContext::with_serdes), or [`Json`](crate::serdes::Json) if that has none.
///
/// What another system wrote is read as JSON in any case.
#[derive(Clone, Default)]
pub struct ContextSerdes(Option<Arc<dyn AnySerdes>>);

impl ContextSerdes {
    pub(crate) fn new(serdes: impl Serdes<AnyValue> + 'static) -> Self {
        Self(Some(Arc::new(serdes)))
    }
}

impl ContextSerdes {
    pub(super) fn writes_json(&self) -> bool {
        self.0.as_ref().is_none_or(|serdes| serdes.is_json())
    }

    /// The text of a value, given its JSON.
    pub(super) async fn write_json(
        &self,
        json: String,
        context: SerdesContext<'_>,
    ) -> Result<String, BoxError> {
        match &self.0 {
            None => Ok(json),
            Some(serdes) => serdes.write(AnyValue::from_json(json)?, context).await,
        }
    }

    /// The value of a text, given how it is read from JSON.
    pub(super) async fn read_json<T>(
        &self,
        text: &str,
        from_json: impl Fn(&str) -> serde_json::Result<T> + Send,
        context: SerdesContext<'_>,
    ) -> Result<T, BoxError> {
        match (&self.0, context.origin()) {
            (None, _) | (_, TextOrigin::External) => Ok(from_json(text)?),
            (Some(serdes), TextOrigin::Record) => Ok(from_json(serdes.read(text, context).await?.json())?),
        }
    }
}

impl<T: Serialize + Sync> SerializeValue<T> for ContextSerdes {
    async fn serialize(&self, value: &T, context: SerdesContext<'_>) -> Result<String, BoxError> {
        self.write_json(serde_json::to_string(value)?, context).await
    }
}

impl<T: for<'de> Deserialize<'de>> DeserializeValue<T> for ContextSerdes {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<T, BoxError> {
        self.read_json(text, |json| serde_json::from_str(json), context).await
    }

    fn is_json(&self) -> bool {
        self.writes_json()
    }
}

impl fmt::Debug for ContextSerdes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "ContextSerdes(..)" } else { "ContextSerdes(Json)" })
    }
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send + 'a>>;

/// A serdes of which nobody needs to know the type.
trait AnySerdes: Send + Sync {
    fn write<'a>(&'a self, value: AnyValue, context: SerdesContext<'a>) -> BoxFuture<'a, String>;

    fn read<'a>(&'a self, text: &'a str, context: SerdesContext<'a>) -> BoxFuture<'a, AnyValue>;

    fn is_json(&self) -> bool;
}

impl<S: Serdes<AnyValue>> AnySerdes for S {
    fn write<'a>(&'a self, value: AnyValue, context: SerdesContext<'a>) -> BoxFuture<'a, String> {
        Box::pin(async move { SerializeValue::serialize(self, &value, context).await })
    }

    fn read<'a>(&'a self, text: &'a str, context: SerdesContext<'a>) -> BoxFuture<'a, AnyValue> {
        Box::pin(DeserializeValue::deserialize(self, text, context))
    }

    fn is_json(&self) -> bool {
        DeserializeValue::is_json(self)
    }
}
