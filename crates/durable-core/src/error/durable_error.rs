//! User-defined errors that are recorded in full.

use std::error::Error as StdError;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// An error type with a stable name, so that its recorded errors can be downcast.
///
/// Derive it with `#[derive(durable::DurableError)]`, together with the derives of `serde` and `thiserror`.
///
/// The name is recorded as the type of the error, and the error itself as JSON in its data.
/// [`Error::downcast`](crate::Error::downcast) compares the name and deserializes the data, live as on replay. Two
/// types are distinguished as long as their names differ.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no name in the record, so no recorded error can be read as one",
    note = "derive `durable::DurableError` for it, beside `Serialize` and `Deserialize`",
    note = "the error that a body returned in this invocation is at hand as `error.original::<{Self}>()`"
)]
pub trait DurableError: StdError + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The recorded name of the type.
    ///
    /// It must not change while executions that recorded it are running.
    const ERROR_TYPE: &'static str;
}
