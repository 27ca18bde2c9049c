//! Sets of futures that know whether anything but operations can wake them.

mod parent;
mod set;

pub(crate) use parent::{Polled, RememberedWaker, WakeTarget};
pub(crate) use set::{FutureSet, HeldWakers};
