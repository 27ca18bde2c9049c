//! The replay barrier: what may begin, and in which order the handler receives results.

mod gate;
mod journal;
mod replay_barrier;
mod resolution;
mod result_order;
mod results;
mod ties;

pub(crate) use gate::GateKey;
pub(crate) use journal::Journal;
pub(crate) use replay_barrier::{Claim, Delivery, ReplayBarrier, Stalled};
pub(crate) use resolution::Resolution;
pub(crate) use result_order::{Origin, Placement, Tie};
pub(crate) use ties::Expectation;
