//! Lifecycle events: their names and fields, and when there are none.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_testing::TestRunner;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

type Fields = BTreeMap<&'static str, String>;

/// Collects the events of the SDK.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<(&'static str, Fields)>>>);

impl<S: tracing::Subscriber> Layer<S> for Events {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Collect(Fields);

        impl Visit for Collect {
            fn record_str(&mut self, field: &Field, value: &str) {
                self.0.insert(field.name(), value.to_owned());
            }

            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                self.0.insert(field.name(), format!("{value:?}"));
            }
        }

        if event.metadata().target() == "durable::lifecycle" {
            let mut fields = Collect(Fields::new());
            event.record(&mut fields);
            self.0.lock().unwrap().push((event.metadata().name(), fields.0));
        }
    }
}

async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
    let charge = ctx.step("charge", async |step| match step.attempt() {
        1 => Err(Error::msg("busy")),
        _ => Ok(7),
    });
    charge.retry(RetryStrategy::fixed(Duration::from_secs(1))).await
}

async fn events(level: LevelFilter) -> Vec<(&'static str, Fields)> {
    let events = Events::default();
    let subscriber = tracing_subscriber::registry().with(events.clone().with_filter(level));
    let _logging = tracing::subscriber::set_default(subscriber);

    TestRunner::new(handler).run(&()).await.unwrap();

    events.0.lock().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn lifecycle_events_have_stable_names_and_fields() {
    let events = events(LevelFilter::DEBUG).await;

    let names: Vec<_> = events.iter().map(|(name, fields)| (*name, fields["message"].as_str())).collect();
    assert_eq!(
        names,
        [
            ("durable.execution.resumed", "execution started"),
            ("durable.operation.started", "operation started"),
            ("durable.attempt.failed", "attempt failed"),
            ("durable.invocation.ended", "execution suspended"),
            ("durable.execution.resumed", "execution resumed"),
            ("durable.operation.started", "operation started"),
            ("durable.operation.ended", "operation ended"),
            ("durable.invocation.ended", "execution succeeded"),
        ]
    );
    assert!(events.iter().all(|(_, fields)| fields["executionArn"].starts_with("arn:")));
    let failed = &events[2].1;
    let members = ["operationName", "attempt", "errorMessage"].map(|key| failed[key].as_str());
    assert_eq!(members, ["charge", "1", "busy"]);
    assert_eq!(failed["operationId"].len(), 22);
    assert_eq!((events[5].1["isReplay"].as_str(), events[3].1["status"].as_str()), ("true", "PENDING"));
}

#[tokio::test(start_paused = true)]
async fn there_are_no_lifecycle_events_above_the_level_debug() {
    assert_eq!(events(LevelFilter::INFO).await, []);
}
