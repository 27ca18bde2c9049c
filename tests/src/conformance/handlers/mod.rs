//! The handlers of the requirements, written as users would write them.

mod crash;

pub(crate) mod child;
pub(crate) mod step;
pub(crate) mod wait;
