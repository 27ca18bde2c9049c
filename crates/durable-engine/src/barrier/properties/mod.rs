//! Properties of the replay barrier alone: each of its invariants, and that every replay sees the same results.

mod admission;
mod consumption;
mod model;
mod order;
mod rebuilds;
mod replays;
mod run;
mod script;
mod ties;
