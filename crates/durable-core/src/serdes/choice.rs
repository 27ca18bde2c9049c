//! The choice of a serdes for operations: that of the context, or one for these operations alone.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::context_serdes::ContextSerdes;
use super::operation_serdes::{OperationSerdes, ValueReader, ValueWriter};
use super::value::{DeserializeValue, Serdes};

/// A serdes for single operations, which overrides that of the context; made by
/// [`DurableContext::using`](crate::DurableContext::using).
pub struct Using<S> {
    serdes: Arc<S>,
    /// The serdes for contexts inside the operations.
    context: ContextSerdes,
}

impl<S> Using<S> {
    pub(crate) fn new(serdes: S, context: ContextSerdes) -> Self {
        Self { serdes: Arc::new(serdes), context }
    }
}

impl<S> Clone for Using<S> {
    fn clone(&self) -> Self {
        Self { serdes: Arc::clone(&self.serdes), context: self.context.clone() }
    }
}

/// The serdes of a [`DurableContext`](crate::DurableContext): a [`ContextSerdes`], or [`Using`] another serdes.
pub trait SerdesChoice: sealed::Sealed {
    #[doc(hidden)]
    fn context_serdes(&self) -> &ContextSerdes;
}

/// A choice of serdes that serializes and deserializes results of this type.
///
/// [`ContextSerdes`] requires that `T` implements `Serialize` and `Deserialize`.
pub trait Records<'c, T>: SerdesChoice {
    #[doc(hidden)]
    fn serdes(&self) -> OperationSerdes<'c, T>;
}

/// A choice of serdes that deserializes results of this type, which an external system writes.
///
/// [`ContextSerdes`] requires that `T` implements `Deserialize`.
pub trait Reads<'c, T>: SerdesChoice {
    #[doc(hidden)]
    fn reader(&self) -> ValueReader<'c, T>;
}

impl SerdesChoice for ContextSerdes {
    fn context_serdes(&self) -> &ContextSerdes {
        self
    }
}

impl<S> SerdesChoice for Using<S> {
    fn context_serdes(&self) -> &ContextSerdes {
        &self.context
    }
}

// The only implementation for this type, so that the compiler reports which derive is missing.
impl<'c, T: Serialize + for<'de> Deserialize<'de>> Records<'c, T> for ContextSerdes {
    fn serdes(&self) -> OperationSerdes<'c, T> {
        OperationSerdes::new(ValueWriter::of_context(self.clone()), self.reader())
    }
}

impl<'c, T: for<'de> Deserialize<'de>> Reads<'c, T> for ContextSerdes {
    fn reader(&self) -> ValueReader<'c, T> {
        ValueReader::of_context(self.clone())
    }
}

impl<'c, T: Sync, S: Serdes<T> + 'c> Records<'c, T> for Using<S> {
    fn serdes(&self) -> OperationSerdes<'c, T> {
        OperationSerdes::own(Arc::clone(&self.serdes))
    }
}

impl<'c, T, S: DeserializeValue<T> + 'c> Reads<'c, T> for Using<S> {
    fn reader(&self) -> ValueReader<'c, T> {
        ValueReader::Own(Arc::clone(&self.serdes) as _)
    }
}

mod sealed {
    use super::{ContextSerdes, Using};

    pub trait Sealed {}

    impl Sealed for ContextSerdes {}
    impl<S> Sealed for Using<S> {}
}
