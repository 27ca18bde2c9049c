//! The error type of operations, bodies and handlers, and its conversion to and from records.

mod box_error;
mod cause;
mod durable_error;
#[expect(clippy::module_inception, reason = "each file is named after its main type")]
mod error;
mod execution_error;
mod failed_operation;
mod identity;
mod into_error;
mod kind;
mod names;
mod result;
mod returned;
mod subject;

pub use box_error::BoxError;
pub(crate) use cause::Cause;
pub use durable_error::DurableError;
pub use error::Error;
pub use execution_error::execution_error;
pub(crate) use identity::with_causes;
pub use into_error::IntoError;
pub use kind::OperationKind;
pub use result::{Ok, Result};
pub(crate) use subject::Subject;
