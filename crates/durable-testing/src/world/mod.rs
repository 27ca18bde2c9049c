//! The service of one test, its clock, and the connection of functions to it.

mod catalog;
mod requests;
#[expect(clippy::module_inception, reason = "each file is named after its main type")]
mod world;

pub(crate) use world::{Work, World};
