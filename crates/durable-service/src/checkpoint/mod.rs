//! Checkpoints: what they may record, how they are answered, and how their repetition is recognised.

mod batch;
mod checkpoints;
mod handle;

pub(crate) use checkpoints::Checkpoints;
