//! Errors returned by user code, before they are recorded.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::sync::OnceLock;

use durable_types::ErrorObject;

use super::box_error::BoxError;
use super::durable_error::DurableError;
use super::identity::{ERASED, with_causes};

/// An error that user code returned in this invocation.
pub(super) struct ReturnedError {
    pub(super) original: BoxError,
    error_type: Cow<'static, str>,
    whole: Whole,
    /// The error as recorded, computed on demand.
    record: OnceLock<ErrorObject>,
}

/// Whether an error is recorded in full.
enum Whole {
    /// Its type does not support that.
    No,
    /// It is recorded as this JSON.
    Yes(String),
    /// It should be, but cannot be serialized and deserialized.
    Lost(serde_json::Error),
}

impl ReturnedError {
    /// Creates an error that is recorded with the name of its type and its message.
    pub(super) fn new(error_type: Cow<'static, str>, original: BoxError) -> Self {
        Self { original, error_type, whole: Whole::No, record: OnceLock::new() }
    }

    /// Creates an error that is recorded in full.
    pub(super) fn typed<E: DurableError>(error: E) -> Self {
        let written = serde_json::to_string(&error);
        let read = written.and_then(|data| serde_json::from_str::<E>(&data).map(|_| data));
        let whole = read.map_or_else(Whole::Lost, Whole::Yes);
        Self { whole, ..Self::new(Cow::Borrowed(E::ERROR_TYPE), Box::new(error)) }
    }

    /// Returns the error to record for code that fails with this error; `wrapped` returns the record of the SDK's error
    /// that an error wraps, if there is one.
    pub(super) fn record(
        &self,
        wrapped: fn(&(dyn StdError + 'static)) -> Option<ErrorObject>,
    ) -> &ErrorObject {
        self.record.get_or_init(|| {
            let message = with_causes(self.original.as_ref());
            match &self.whole {
                Whole::Yes(data) => ErrorObject::new(&*self.error_type, message).with_data(data),
                Whole::Lost(problem) => {
                    let note =
                        format!("{message} (recorded without its data, which cannot be restored: {problem})");
                    ErrorObject::new(&*self.error_type, note)
                }
                Whole::No => self.record_of_wrapped(wrapped(self.original.as_ref()), message),
            }
        })
    }

    /// Returns the record with the identity of the wrapped SDK error, if there is one whose identity takes precedence.
    ///
    /// An error that wraps one recorded in full takes over its type and data, so that it can still be downcast. An
    /// error whose type has been erased takes over the type of the error it wraps.
    fn record_of_wrapped(&self, wrapped: Option<ErrorObject>, message: String) -> ErrorObject {
        match wrapped {
            Some(mut wrapped) if wrapped.error_data.is_some() || self.error_type == ERASED => {
                wrapped.error_message = Some(message);
                wrapped
            }
            Some(_) | None => ErrorObject::new(&*self.error_type, message),
        }
    }
}
