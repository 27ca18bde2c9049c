//! The error type of operations, bodies and handlers, and its conversion to and from records.

mod cause;
mod durable_error;
#[expect(clippy::module_inception, reason = "each file is named after its main type")]
mod error;
mod identity;
mod into_error;
mod kind;
mod names;
mod operation;
mod result;
mod returned;

pub(crate) use cause::Cause;
pub use durable_error::DurableError;
pub use error::Error;
pub(crate) use identity::with_causes;
pub use into_error::IntoError;
pub use kind::OperationKind;
pub(crate) use operation::Subject;
pub use result::{BoxError, Ok, Result};
