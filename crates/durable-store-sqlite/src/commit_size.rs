//! The size of a commit.

use durable_host::store::Append;

/// The size of a commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CommitSize {
    /// The number of appends and deletions.
    pub(super) requests: usize,
    /// The number of events.
    pub(super) events: usize,
    /// The number of bytes of the events as JSON.
    pub(super) bytes: usize,
}

impl CommitSize {
    /// Adds up requests. Those that are not appends are `None`.
    pub(super) fn of<'a>(requests: impl Iterator<Item = Option<&'a Append>>) -> Self {
        requests.fold(Self::default(), |mut size, request| {
            size.requests = size.requests.saturating_add(1);
            if let Some(append) = request {
                size.events = size.events.saturating_add(append.events.len());
                let bytes: usize = append.events.iter().map(String::len).sum();
                size.bytes = size.bytes.saturating_add(bytes);
            }
            size
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(events: &[&str]) -> Append {
        let events = events.iter().map(|event| (*event).to_owned()).collect();
        Append { events, ..Append::default() }
    }

    #[test]
    fn the_size_of_a_commit_counts_all_requests() {
        let appends = [append(&["{}", "[1]"]), append(&["1"])];
        let requests = appends.iter().map(Some).chain([None]);

        let size = CommitSize::of(requests);

        assert_eq!(size, CommitSize { requests: 3, events: 3, bytes: 6 });
    }
}
