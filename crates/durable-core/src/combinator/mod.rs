//! Combinators of concurrent futures in one context: join, try-join and race.
//!
//! # Choosing a way to run operations concurrently
//!
//! | | runs | context of a branch | result | recorded besides the operations | when a branch fails |
//! |---|---|---|---|---|---|
//! | [`map`] | one body for each item | its own | [`BatchResult<T>`] | the map, and each item with its result | by default, the others are dropped; the rules of the map can change that |
//! | [`parallel`] | one body per branch, all of one result type | its own | [`BatchResult<T>`] | the parallel, and each branch with its result | as with `map` |
//! | [`open_parallel`] | branches of different result types, which can be added later | its own | a [`Result<T>`] per branch, from its handle | the parallel, and each branch with its result | the others continue |
//! | [`join!`] | futures | the caller's | a tuple of all outputs | nothing | the others continue |
//! | [`try_join!`] | futures that return a [`Result`] | the caller's | [`Result`] of a tuple of all values | which branch failed first, if one fails | the others are dropped, and the join fails with its error |
//! | [`race!`] | futures that return a [`Result<T>`] | the caller's | the [`Result<T>`] of the first that ends | which branch ended first | it wins if it ends first: the others are dropped |
//! | [`spawn`] | one operation, beside the code that follows | the operation's | [`Result<T>`], from its handle | nothing | the handler sees the error when it awaits the handle |
//! | `join!`, `try_join!` of tokio, `join_all`, `FuturesUnordered`, `buffered` | futures; `into_future()` makes one of an operation | the caller's | as documented there | nothing | as documented there |
//!
//! - Use `map`, `parallel` or `open_parallel` for independent work: branches with contexts of their own can use the
//!   same operation names, can be limited in number, and are shown as units in the history.
//! - Use `join!`, `try_join!` and `race!` for a few operations or async blocks in one context. Give their operations
//!   distinct names, or run each branch in a [child context](crate::DurableContext::run_in_child_context).
//! - Use `spawn` for an operation that overlaps with code that does not await it. Its body must own what it uses.
//! - Combinators of other crates replay in the same order as well, within the
//!   [limits](crate::DurableContext#concurrent-operations) described there. Do not use tokio's `select!`, which polls
//!   its branches in random order; `#[durable::handler]` rejects it.
//!
//! [`map`]: crate::DurableContext::map
//! [`parallel`]: crate::DurableContext::parallel
//! [`open_parallel`]: crate::DurableContext::open_parallel
//! [`spawn`]: crate::operation::Operation::spawn
//! [`join!`]: crate::join!
//! [`try_join!`]: crate::try_join!
//! [`race!`]: crate::race!
//! [`BatchResult<T>`]: crate::batch::BatchResult
//! [`Result`]: crate::Result
//! [`Result<T>`]: crate::Result

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
