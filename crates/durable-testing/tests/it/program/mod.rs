//! Random handlers: what they are, what they come to, and how they run.

mod batch;
mod chains;
mod combine;
mod expected;
mod part;
mod perform;
mod place;
mod random;
mod watch;

pub(crate) use batch::{Batch, Branch, Rule};
pub(crate) use expected::expected;
pub(crate) use part::{Check, Combinator, Ending, Function, Part, Selector};
pub(crate) use perform::perform;
pub(crate) use place::Place;
pub(crate) use random::{ordered_parts, parts, racing_parts};
pub(crate) use watch::Watch;
