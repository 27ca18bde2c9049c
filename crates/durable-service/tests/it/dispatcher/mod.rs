//! The dispatcher over an in-memory store with injected failures.

mod calls;
mod driver;
mod failures;
mod heartbeats;
mod interleavings;
mod names;
mod passivation;
mod queued;
mod traces;
