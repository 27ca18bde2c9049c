//! How a timeline follows from what is recorded.

mod events;
mod records;
mod transition;
