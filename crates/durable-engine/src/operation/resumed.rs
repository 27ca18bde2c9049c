//! The result that a machine finds in the record from which it resumes.

use crate::settled::Settled;

/// The result that a machine finds in the record from which it resumes.
#[derive(Debug)]
pub(crate) enum Resumed {
    /// There is no record, or it contains no result.
    Unfinished,
    /// The callback has this id.
    Created(String),
    Settled(Settled),
}

impl From<Option<Settled>> for Resumed {
    fn from(settled: Option<Settled>) -> Self {
        settled.map_or(Self::Unfinished, Self::Settled)
    }
}
