//! Reads HTTP bodies up to a limit, within a budget that all of them share.

mod body;
mod byte_budget;

pub use body::{BodyError, Received, read};
pub use byte_budget::{ByteBudget, Reservation};
