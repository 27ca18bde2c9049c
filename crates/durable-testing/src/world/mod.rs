//! The service of one test, its clock, and the functions' connection to it.

mod lanes;
mod requests;

pub(crate) use lanes::{LaneId, Work, World};
