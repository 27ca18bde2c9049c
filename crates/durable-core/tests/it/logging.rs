//! Log lines.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use durable_core::{DurableContext, JsonLines, Result};
use serde_json::Value;
use tracing::info;
use tracing_subscriber::layer::SubscriberExt;

use crate::ledger::{ARN, Ledger, result};

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

impl Written {
    fn lines(&self) -> Vec<Value> {
        let bytes = self.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn messages(&self) -> Vec<String> {
        self.lines().iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }
}

async fn chatty(_: (), ctx: DurableContext) -> Result<()> {
    info!("begin");
    ctx.step("work", async |_| {
        info!(answer = 42, "in the step");
        Ok(())
    })
    .await?;
    info!("between");
    ctx.run_in_child_context("child", async |ctx| {
        info!("in the child");
        ctx.wait("pause", Duration::from_secs(1)).await?;
        info!("after the pause");
        Ok(())
    })
    .await?;
    info!("end");
    Ok(())
}

async fn log_of(during_replay: bool) -> Written {
    let written = Written::default();
    let layer = JsonLines::to(written.clone()).during_replay(during_replay);
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let ledger = Ledger::new(&());
    assert_eq!(result(ledger.run(&chatty).await), "null");
    written
}

#[tokio::test]
async fn each_line_is_written_once_whatever_is_replayed() {
    let written = log_of(false).await;

    let once = ["begin", "in the step", "between", "in the child", "after the pause", "end"];
    assert_eq!(written.messages(), once);
}

#[tokio::test]
async fn lines_during_replay_are_written_if_asked_for() {
    let written = log_of(true).await;

    let twice = ["begin", "in the step", "between", "in the child", "begin", "between", "in the child"];
    assert_eq!(written.messages()[..7], twice);
}

#[tokio::test]
async fn a_line_says_which_execution_and_which_step_it_belongs_to() {
    let lines = log_of(false).await.lines();

    assert!(lines.iter().all(|line| line["executionArn"] == ARN && line["level"] == "INFO"));
    let step = &lines[1];
    assert_eq!(
        (&step["operationName"], &step["attempt"], &step["answer"]),
        (&"work".into(), &1.into(), &42.into())
    );
    assert_eq!(step["operationId"].as_str().map(str::len), Some(22));
    assert!(lines[0].get("operationId").is_none());
}
