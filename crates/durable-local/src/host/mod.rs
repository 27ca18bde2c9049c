//! Drives the dispatcher: its store, its functions and its clock.

#[expect(clippy::module_inception, reason = "each file is named after its main type")]
mod host;
mod progress;
mod record;
mod record_error;
mod retention;
mod timer;

pub use host::FAILED_INVOCATIONS;
pub(crate) use host::Host;
pub use progress::ClosedExecution;
pub(crate) use progress::{Progress, Standing};
pub(crate) use record::{parse, row};
pub use record_error::RecordError;
