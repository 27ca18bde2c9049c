//! The fields that plugins add to log lines.

use std::io::Write;
use std::sync::{Arc, Mutex};

use durable_core::logging::LogLines;
use durable_core::plugin::{CodeLocation, Plugin};
use durable_core::{DurableContext, Result};
use durable_testing::TestRunner;
use serde_json::{Value, json};
use tracing::info;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;

struct Fields;

impl Plugin for Fields {
    fn log_fields(&self, location: &CodeLocation<'_>) -> Vec<(&'static str, Value)> {
        vec![("inOperation", location.operation_id.is_some().into()), ("inAttempt", location.attempt.into())]
    }
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn log_lines_contain_the_fields_of_plugins_for_their_location() {
    let written = Written::default();
    let layer = LogLines::to(written.clone()).with_filter(LevelFilter::INFO);
    let _logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        info!("handler");
        let ship = ctx.run_in_child_context("ship", async |ctx| {
            info!("context");
            let label = ctx.step("label", async |_| {
                info!("attempt");
                Ok(())
            });
            label.await
        });
        ship.await
    };

    TestRunner::new(handler).plugin(|_| Fields).run(&()).await.unwrap();

    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let fields: Vec<_> =
        lines.iter().map(|line| (&line["message"], &line["inOperation"], &line["inAttempt"])).collect();
    assert_eq!(
        fields,
        [
            (&json!("handler"), &json!(false), &json!(null)),
            (&json!("context"), &json!(true), &json!(null)),
            (&json!("attempt"), &json!(true), &json!(1)),
        ]
    );
}
