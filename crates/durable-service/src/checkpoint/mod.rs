//! Checkpoints: validation, responses, and recognition of retries.

mod batch;
mod checkpoints;
mod handle;

pub(crate) use checkpoints::Checkpoints;
