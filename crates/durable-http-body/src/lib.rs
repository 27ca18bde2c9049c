//! Reads HTTP bodies up to a limit.

mod body;

pub use body::{BodyError, Received, read};
