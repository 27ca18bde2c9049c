//! Lists of executions, page by page.

mod beginning;
mod group;
mod merge;
mod page;
#[cfg(test)]
mod tests;

pub(super) use beginning::beginning_with;
pub(super) use page::page;
