//! Tests that span several crates of the workspace.
