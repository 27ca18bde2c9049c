//! Sets of futures that know whether anything but operations can wake them.

mod handoff;
mod parent;
mod set;

pub(crate) use handoff::{Giver, Taker, handoff};
pub(crate) use parent::{Polled, RememberedWaker, WakeTarget};
pub(crate) use set::{FutureSet, HeldWakers};
