//! Errors of users that are recorded whole.

use std::error::Error as StdError;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// An error type with a name of its own in the record, so that it comes back typed.
///
/// Derive it with `#[derive(durable::DurableError)]`, beside `serde`'s derives and `thiserror`'s.
///
/// The name is recorded as the type of the error, and the error itself as JSON in its data.
/// [`Error::downcast`](crate::Error::downcast) compares the name and reads the data, live as on replay, so two types are
/// told apart as long as their names differ.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no name in the record, so no recorded error can be read as one",
    note = "derive `durable::DurableError` for it, beside `Serialize` and `Deserialize`",
    note = "the error that a body returned in this invocation is at hand as `error.original::<{Self}>()`"
)]
pub trait DurableError: StdError + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name of the type in the record.
    ///
    /// It must not change while executions are running that recorded it.
    const ERROR_TYPE: &'static str;
}
