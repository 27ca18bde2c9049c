//! The handlers of the requirements, written as users would write them.

mod crash;
mod serdes;
mod summary;

pub(crate) mod callback;
pub(crate) mod child;
pub(crate) mod files;
pub(crate) mod general;
pub(crate) mod invoke;
pub(crate) mod map;
pub(crate) mod open_parallel;
pub(crate) mod otel;
pub(crate) mod parallel;
pub(crate) mod plugin;
pub(crate) mod step;
pub(crate) mod wait;
pub(crate) mod wait_for_callback;
pub(crate) mod wait_for_condition;
