//! Operations claimed in this invocation: their futures, their bodies and their records.

mod body;
mod future;
mod handle;
mod read;
mod virtual_context;

pub(crate) use body::{BodyError, run_in, run_step};
pub use future::OperationFuture;
pub(crate) use future::awaited_again;
pub(crate) use handle::{Claim, LiveHandle, Turn, Work};
pub(crate) use read::{read, read_now};
pub(crate) use virtual_context::VirtualContext;
