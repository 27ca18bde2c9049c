//! The spans of plugins, in which code runs.

use std::sync::{Arc, Mutex};

use durable_core::plugin::{CodeLocation, Plugin};
use durable_core::{DurableContext, Result};
use durable_testing::TestRunner;
use tracing::{Span, info, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// A plugin that supplies a span for each location.
struct Spans(&'static str);

impl Plugin for Spans {
    fn span(&self, location: &CodeLocation<'_>) -> Option<Span> {
        Some(match (location.operation_id, location.attempt) {
            (None, _) => info_span!("handler", plugin = self.0),
            (Some(_), None) => info_span!("context", plugin = self.0),
            (Some(_), Some(_)) => info_span!("attempt", plugin = self.0),
        })
    }
}

/// Collects the spans in which each event is.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<(String, String)>>>);

impl<S: tracing::Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Events {
    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let spans: Vec<&str> = context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
            .map(|span| span.name())
            .collect();
        let target = event.metadata().target().to_owned();
        self.0.lock().unwrap().push((target, spans.join(" > ")));
    }
}

#[tokio::test(start_paused = true)]
async fn code_runs_in_the_spans_of_all_plugins_also_after_it_was_suspended_in_between() {
    let events = Events::default();
    let _logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(events.clone()));
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        info!(target: "before", "");
        let ship = ctx.run_in_child_context("ship", async |ctx| {
            info!(target: "ship", "");
            let label = ctx.step("label", async |_| {
                tokio::task::yield_now().await;
                info!(target: "label", "");
                Ok(())
            });
            label.await?;
            info!(target: "shipped", "");
            Ok(())
        });
        ship.await?;
        info!(target: "after", "");
        Ok(())
    };

    TestRunner::new(handler).plugin(|_| Spans("a")).plugin(|_| Spans("b")).run(&()).await.unwrap();

    let events = events.0.lock().unwrap();
    let of = |target: &str| {
        let spans = events.iter().filter(|(of, _)| of == target).map(|(_, spans)| spans.as_str());
        spans.collect::<Vec<_>>()
    };
    assert_eq!(of("before"), ["handler > handler"]);
    assert_eq!(of("ship"), ["handler > handler > context > context"]);
    assert_eq!(of("label"), ["handler > handler > context > context > attempt > attempt"]);
    assert_eq!(of("shipped"), ["handler > handler > context > context"]);
    assert_eq!(of("after"), ["handler > handler"]);
}
