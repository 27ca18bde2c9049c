//! The replay barrier: which operations may start, and the order in which the handler receives results.

mod claimed;
mod gate;
mod journal;
#[cfg(test)]
mod properties;
mod rebuilds;
mod replay_barrier;
mod resolution;
mod result_order;
mod results;
mod ties;

pub(crate) use gate::GateKey;
pub(crate) use journal::Journal;
pub(crate) use replay_barrier::{Claim, Delivery, ReplayBarrier, Stalled};
pub(crate) use resolution::Resolution;
#[cfg(test)]
pub(crate) use result_order::ResultOrder;
pub(crate) use result_order::{Origin, Placement, Tie};
pub(crate) use ties::Expectation;
