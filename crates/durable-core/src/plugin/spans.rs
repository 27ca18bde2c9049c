//! The spans of plugins in which code runs.

use std::sync::Arc;

use tracing::Span;

/// The spans of plugins in which code runs, the outermost first.
#[derive(Clone)]
pub(crate) struct Spans(Arc<[Span]>);

impl Spans {
    /// Creates spans one inside the other; `create` creates the span of one plugin. Returns `None` if there are none.
    pub(super) fn nested<P>(plugins: &[P], create: impl Fn(&P) -> Option<Span>) -> Option<Self> {
        let mut spans: Vec<Span> = Vec::new();
        for plugin in plugins {
            spans.extend(in_spans(&spans, || create(plugin)));
        }
        (!spans.is_empty()).then(|| Self(spans.into()))
    }

    /// Runs code in the spans.
    pub(crate) fn enter<R>(&self, run: impl FnOnce() -> R) -> R {
        in_spans(&self.0, run)
    }
}

fn in_spans<R>(spans: &[Span], run: impl FnOnce() -> R) -> R {
    match spans.split_first() {
        None => run(),
        Some((outermost, others)) => outermost.in_scope(|| in_spans(others, run)),
    }
}
