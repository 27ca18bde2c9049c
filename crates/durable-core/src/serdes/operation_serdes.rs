//! The serdes of one operation, with its type erased.

use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::any_value::AnyValue;
use super::context::SerdesContext;
use super::context_serdes::ContextSerdes;
use super::value::{DeserializeValue, Serdes, SerializeValue};
use crate::error::BoxError;

/// Serializes and deserializes the values of an operation.
///
/// It is created where the type of the values is known to have a serdes, so the operation that holds it needs no
/// bounds.
pub struct OperationSerdes<'c, T> {
    writer: ValueWriter<'c, T>,
    reader: ValueReader<'c, T>,
}

/// The half that serializes.
pub(crate) enum ValueWriter<'c, T> {
    /// Serializes through the context, which takes JSON.
    Context(ContextSerdes, fn(&T) -> serde_json::Result<String>),
    Own(Arc<dyn WriteValue<T> + 'c>),
}

/// The half that deserializes.
pub enum ValueReader<'c, T> {
    /// Deserializes through the context, which returns JSON.
    Context(ContextSerdes, fn(&str) -> serde_json::Result<T>),
    Own(Arc<dyn ReadValue<T> + 'c>),
}

impl<'c, T> OperationSerdes<'c, T> {
    pub(crate) fn new(writer: ValueWriter<'c, T>, reader: ValueReader<'c, T>) -> Self {
        Self { writer, reader }
    }

    /// Wraps a serdes of the operation's own.
    pub(crate) fn own<S: Serdes<T> + 'c>(serdes: Arc<S>) -> Self
    where
        T: Sync,
    {
        Self::new(ValueWriter::Own(Arc::clone(&serdes) as _), ValueReader::Own(serdes))
    }

    /// Replaces the half that deserializes.
    pub(crate) fn read_by(self, wrap: impl FnOnce(ValueReader<'c, T>) -> ValueReader<'c, T>) -> Self {
        Self { reader: wrap(self.reader), ..self }
    }

    /// Returns the half that deserializes.
    pub(crate) fn reader(&self) -> &ValueReader<'c, T> {
        &self.reader
    }
}

impl<T: Serialize> ValueWriter<'_, T> {
    pub(crate) fn of_context(serdes: ContextSerdes) -> Self {
        Self::Context(serdes, |value| serde_json::to_string(value))
    }
}

impl<T: for<'de> Deserialize<'de>> ValueReader<'_, T> {
    pub(crate) fn of_context(serdes: ContextSerdes) -> Self {
        Self::Context(serdes, |json| serde_json::from_str(json))
    }
}

impl<'c, T> ValueReader<'c, T> {
    /// Wraps a serdes of the operation's own.
    pub(crate) fn own(serdes: impl DeserializeValue<T> + 'c) -> Self {
        Self::Own(Arc::new(serdes))
    }
}

impl<T> Clone for ValueReader<'_, T> {
    fn clone(&self) -> Self {
        match self {
            Self::Context(serdes, from_json) => Self::Context(serdes.clone(), *from_json),
            Self::Own(serdes) => Self::Own(Arc::clone(serdes)),
        }
    }
}

impl<T: Sync> SerializeValue<T> for ValueWriter<'_, T> {
    #[expect(clippy::manual_async_fn, reason = "its future would be larger")]
    fn serialize(
        &self,
        value: &T,
        context: SerdesContext<'_>,
    ) -> impl Future<Output = Result<String, BoxError>> + Send {
        async move {
            match self {
                Self::Context(serdes, to_json) => match serdes.own() {
                    None => Ok(to_json(value)?),
                    Some(serdes) => serdes.write(AnyValue::from_json(to_json(value)?)?, context).await,
                },
                Self::Own(serdes) => serdes.write(value, context).await,
            }
        }
    }
}

impl<T> DeserializeValue<T> for ValueReader<'_, T> {
    #[expect(clippy::manual_async_fn, reason = "its future would be larger")]
    fn deserialize(
        &self,
        text: &str,
        context: SerdesContext<'_>,
    ) -> impl Future<Output = Result<T, BoxError>> + Send {
        async move {
            match self {
                Self::Context(serdes, from_json) => match serdes.own_reader(context.origin()) {
                    None => Ok(from_json(text)?),
                    Some(serdes) => Ok(from_json(serdes.read(text, context).await?.json())?),
                },
                Self::Own(serdes) => serdes.read(text, context).await,
            }
        }
    }

    fn is_json(&self) -> bool {
        match self {
            Self::Context(serdes, _) => serdes.writes_json(),
            Self::Own(serdes) => serdes.reads_json(),
        }
    }
}

impl<T: Sync> SerializeValue<T> for OperationSerdes<'_, T> {
    fn serialize(
        &self,
        value: &T,
        context: SerdesContext<'_>,
    ) -> impl Future<Output = Result<String, BoxError>> + Send {
        self.writer.serialize(value, context)
    }
}

impl<T> DeserializeValue<T> for OperationSerdes<'_, T> {
    fn deserialize(
        &self,
        text: &str,
        context: SerdesContext<'_>,
    ) -> impl Future<Output = Result<T, BoxError>> + Send {
        self.reader.deserialize(text, context)
    }

    fn is_json(&self) -> bool {
        self.reader.is_json()
    }
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send + 'a>>;

/// A [`SerializeValue`] with its type erased.
pub(crate) trait WriteValue<T>: Send + Sync {
    fn write<'a>(&'a self, value: &'a T, context: SerdesContext<'a>) -> BoxFuture<'a, String>;
}

/// A [`DeserializeValue`] with its type erased.
pub trait ReadValue<T>: Send + Sync {
    fn read<'a>(&'a self, text: &'a str, context: SerdesContext<'a>) -> BoxFuture<'a, T>
    where
        T: 'a;

    fn reads_json(&self) -> bool;
}

impl<T: Sync, S: SerializeValue<T>> WriteValue<T> for S {
    fn write<'a>(&'a self, value: &'a T, context: SerdesContext<'a>) -> BoxFuture<'a, String> {
        Box::pin(self.serialize(value, context))
    }
}

impl<T, S: DeserializeValue<T>> ReadValue<T> for S {
    fn read<'a>(&'a self, text: &'a str, context: SerdesContext<'a>) -> BoxFuture<'a, T>
    where
        T: 'a,
    {
        Box::pin(self.deserialize(text, context))
    }

    fn reads_json(&self) -> bool {
        self.is_json()
    }
}
