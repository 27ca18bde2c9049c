//! Futures side by side in one context: all of them, all unless one fails, or the first.

mod branch;
mod decision;
mod join;
mod race;
mod try_join;

pub use join::{Join, JoinBranches, join};
pub use race::{Race, RaceBranches};
pub use try_join::{TryJoin, TryJoinBranches};
