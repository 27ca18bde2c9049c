//! The service of one test, its clock, and the connection of functions to it.

mod lanes;
mod requests;

pub(crate) use lanes::{LaneId, Work, World};
