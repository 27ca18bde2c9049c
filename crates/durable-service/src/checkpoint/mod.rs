//! Checkpoints: what they may record, how they are answered, and how their repetition is recognised.

mod batch;
mod handle;
mod remembered;

pub(crate) use remembered::Checkpoints;
