//! Combinators of concurrent futures in one context: join, try-join and race.

mod branch;
mod branch_result;
mod decision;
mod join;
mod race;
mod try_join;

pub use branch_result::BranchResult;
pub use join::{Join, JoinBranches, join};
pub use race::{Race, RaceBranches};
pub use try_join::{TryJoin, TryJoinBranches};
