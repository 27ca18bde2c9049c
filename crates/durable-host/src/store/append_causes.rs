//! The spans of the commands that an append records.

use tracing::Span;

/// The `tracing` spans of the commands whose events an [`Append`](super::Append) records, so that a store can link its
/// commit to them. It is empty unless these spans are enabled.
///
/// Causes are not part of the record: appends that differ in nothing else are equal.
#[derive(Clone, Debug, Default)]
pub struct AppendCauses(Vec<Span>);

impl AppendCauses {
    /// Returns the spans.
    pub fn spans(&self) -> &[Span] {
        &self.0
    }
}

impl From<Vec<Span>> for AppendCauses {
    fn from(spans: Vec<Span>) -> Self {
        Self(spans)
    }
}

impl Drop for AppendCauses {
    /// Ends the spans with their own subscriber. One that is set for a thread alone could not end their parents if the
    /// last handle of a span were dropped on the thread of the store.
    fn drop(&mut self) {
        let subscriber = self.0.first().and_then(|span| span.with_subscriber(|(_, it)| it.clone()));
        if let Some(subscriber) = subscriber {
            tracing::dispatcher::with_default(&subscriber, || self.0.clear());
        }
    }
}

impl PartialEq for AppendCauses {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for AppendCauses {}
