//! One commit of a group of requests: its size, its duration and its span.

use std::time::Instant;

use durable_host::milliseconds;
use durable_host::store::Append;
use tracing::Span;
use tracing::field::Empty;

use super::commit_size::CommitSize;
use super::store_metrics::StoreMetrics;

/// A commit that has begun.
#[derive(Debug)]
pub(super) struct Commit {
    span: Span,
    size: CommitSize,
    began: Instant,
}

impl Commit {
    /// Begins a commit of requests. Those that are not appends are `None`.
    pub(super) fn begin<'a>(requests: impl Iterator<Item = Option<&'a Append>> + Clone) -> Self {
        let size = CommitSize::of(requests.clone());
        let causes = requests.flatten().flat_map(|append| append.causes.spans());
        let span = commit_span(size, causes);
        Self { span, size, began: Instant::now() }
    }

    /// Returns the span, within which the transaction is written.
    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Ends the commit.
    pub(super) fn end(self, is_committed: bool, metrics: &StoreMetrics) {
        let duration = self.began.elapsed();
        if is_committed {
            metrics.handle_committed(self.size, duration);
        } else {
            metrics.handle_failed();
        }
        if !self.span.is_disabled() {
            self.span.record("outcome", if is_committed { "committed" } else { "failed" });
            self.span.record("duration_ms", milliseconds(duration));
        }
    }
}

/// Creates the span of a commit, which several commands share, so it follows from all of them instead of being part of
/// one.
fn commit_span<'a>(size: CommitSize, causes: impl Iterator<Item = &'a Span>) -> Span {
    let CommitSize { requests, events, bytes } = size;
    let new_span = || {
        tracing::debug_span!(
            target: "durable::commit",
            parent: None,
            "commit",
            requests,
            events,
            bytes,
            outcome = Empty,
            duration_ms = Empty,
        )
    };
    let mut causes = causes.peekable();
    // Where a subscriber is set for a thread alone, its spans are continued there.
    let subscriber =
        causes.peek().and_then(|cause| cause.with_subscriber(|(_, subscriber)| subscriber.clone()));
    let span = match &subscriber {
        Some(subscriber) => tracing::dispatcher::with_default(subscriber, new_span),
        None => new_span(),
    };
    causes.for_each(|cause| {
        span.follows_from(cause);
    });
    span
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    /// A subscriber that records which spans follow from which.
    #[derive(Default)]
    struct Links {
        last: AtomicU64,
        follows: Arc<Mutex<Vec<(u64, u64)>>>,
    }

    impl Subscriber for Links {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(self.last.fetch_add(1, Ordering::Relaxed) + 1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, span: &Id, follows: &Id) {
            self.follows.lock().unwrap().push((span.into_u64(), follows.into_u64()));
        }

        fn event(&self, _: &Event<'_>) {}

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    fn append(events: &[&str], causes: Vec<Span>) -> Append {
        let events = events.iter().map(|event| (*event).to_owned()).collect();
        Append { events, causes: causes.into(), ..Append::default() }
    }

    #[test]
    fn a_commit_follows_from_all_commands_that_share_it() {
        let links = Links::default();
        let follows = Arc::clone(&links.follows);
        let commands =
            tracing::subscriber::with_default(links, || [(); 3].map(|()| tracing::debug_span!("command")));
        let [first, second, third] = commands;
        let appends = [append(&["{}"], vec![first, second]), append(&["{}"], vec![third])];

        // The thread of the store has no subscriber of its own.
        let commit = Commit::begin(appends.iter().map(Some));

        assert!(!commit.span().is_disabled());
        assert_eq!(*follows.lock().unwrap(), [(4, 1), (4, 2), (4, 3)]);
    }
}
