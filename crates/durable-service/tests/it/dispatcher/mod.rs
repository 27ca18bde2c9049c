//! Many executions, driven over a store in memory that a test can make fail.

mod calls;
mod driver;
mod failures;
mod interleavings;
mod names;
mod passivation;
mod queued;
