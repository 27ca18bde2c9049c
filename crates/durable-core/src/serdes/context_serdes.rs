//! The serdes of a context, for operations without one of their own.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::any_value::AnyValue;
use super::context::{SerdesContext, TextOrigin};
use super::value::{DeserializeValue, Serdes, SerializeValue};
use crate::error::BoxError;

/// The serdes of operations that have none of their own: that of their [context](crate::DurableContext::with_serdes),
/// which defaults to [`Json`](crate::serdes::Json).
///
/// Texts written by other systems are always read as JSON.
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

    /// The serdes that the context has, unless it records JSON.
    pub(super) fn own(&self) -> Option<&dyn AnySerdes> {
        self.0.as_deref()
    }

    /// The same for reading a text, which is JSON if another system wrote it.
    pub(super) fn own_reader(&self, origin: TextOrigin) -> Option<&dyn AnySerdes> {
        match origin {
            TextOrigin::Record => self.own(),
            TextOrigin::External => None,
        }
    }
}

impl<T: Serialize + Sync> SerializeValue<T> for ContextSerdes {
    async fn serialize(&self, value: &T, context: SerdesContext<'_>) -> Result<String, BoxError> {
        let json = serde_json::to_string(value)?;
        match self.own() {
            None => Ok(json),
            Some(serdes) => serdes.write(AnyValue::from_json(json)?, context).await,
        }
    }
}

impl<T: for<'de> Deserialize<'de>> DeserializeValue<T> for ContextSerdes {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<T, BoxError> {
        match self.own_reader(context.origin()) {
            None => Ok(serde_json::from_str(text)?),
            Some(serdes) => Ok(serde_json::from_str(serdes.read(text, context).await?.json())?),
        }
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

/// A serdes with its type erased.
pub(super) trait AnySerdes: Send + Sync {
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
