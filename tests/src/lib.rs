//! Tests that span several crates of the workspace.

pub mod conformance;
pub mod serving;
pub mod trace_receiver;
