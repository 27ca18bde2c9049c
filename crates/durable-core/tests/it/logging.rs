//! Log lines.

use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use durable_core::logging::{LogFormat, LogLines};
use durable_core::{DurableContext, Result};
use serde_json::Value;
use tracing::info;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
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
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
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
    log_to(LogLines::to(written.clone()).during_replay(during_replay)).await;
    written
}

async fn log_to(layer: LogLines<Written>) {
    let layer = layer.with_filter(LevelFilter::INFO);
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let ledger = Ledger::new(&());
    assert_eq!(result(ledger.run(&chatty).await), "null");
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
    assert!(lines.iter().all(|line| line["requestId"] == "request-1"));
    let step = &lines[1];
    assert_eq!(
        (&step["operationName"], &step["attempt"], &step["answer"]),
        (&"work".into(), &1.into(), &42.into())
    );
    assert_eq!(step["operationId"].as_str().map(str::len), Some(22));
    assert!(lines[0].get("operationId").is_none());
}

#[tokio::test]
async fn a_line_of_text_begins_with_time_level_target_and_message_and_ends_with_its_fields() {
    let written = Written::default();

    log_to(LogLines::to(written.clone()).format(LogFormat::Text)).await;

    let text = written.text();
    let lines: Vec<&str> = text.lines().collect();
    let (timestamp, rest) = lines[0].split_once(' ').unwrap();
    assert!(timestamp.ends_with('Z') && timestamp.contains('T'), "{timestamp}");
    assert_eq!(rest, format!("INFO  it::logging: begin executionArn={ARN} requestId=request-1"));
    let in_the_step = format!(
        "INFO  it::logging: in the step answer=42 executionArn={ARN} requestId=request-1 operationId="
    );
    assert!(lines[1].contains(&in_the_step), "{}", lines[1]);
    assert!(lines[1].ends_with("operationName=work attempt=1"), "{}", lines[1]);
    assert_eq!(lines.len(), 6);
}

#[test]
fn a_line_of_text_is_one_line_whatever_it_says() {
    let written = Written::default();
    let layer = LogLines::to(written.clone()).format(LogFormat::Text);
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    info!(empty = "", note = "a \"b\"\nc", path = "/tmp/x", "first\nsecond");
    drop(guard);

    let text = written.text();
    let (_, line) = text.split_once("it::logging: ").unwrap();
    assert_eq!(line, "first\\nsecond empty=\"\" note=\"a \\\"b\\\"\\nc\" path=/tmp/x\n");
}

/// Not a test: what a function does before it runs, as a process of its own.
#[test]
#[ignore = "runs as a process, started by the other tests"]
fn installs_and_logs() {
    fn main() -> Result<()> {
        Ok(LogLines::new().install()?)
    }

    // What the test runner prints may not have ended its line.
    println!();
    if let Err(error) = main().and_then(|()| Ok(LogLines::new().install()?)) {
        println!("error: {error}");
    }
    tracing::debug!("details");
    info!("news");
}

/// What the process writes with these variables.
fn process(variables: &[(&str, &str)]) -> Vec<String> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "logging::installs_and_logs", "--ignored", "--nocapture"])
        .env_remove("RUST_LOG")
        .env_remove("AWS_LAMBDA_LOG_LEVEL")
        .env_remove("AWS_LAMBDA_LOG_FORMAT")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let told = |line: &&str| ["error", "details", "news"].iter().any(|word| line.contains(word));
    text.lines().filter(told).map(str::to_owned).collect()
}

#[test]
fn a_process_logs_as_its_environment_says() {
    let plain = process(&[]);
    let text = process(&[("AWS_LAMBDA_LOG_FORMAT", "Text"), ("AWS_LAMBDA_LOG_LEVEL", "DEBUG")]);
    let filtered = process(&[("RUST_LOG", "it=debug"), ("AWS_LAMBDA_LOG_LEVEL", "ERROR")]);
    let wrong = process(&[("AWS_LAMBDA_LOG_LEVEL", "LOUD")]);

    let news: serde_json::Value = serde_json::from_str(&plain[1]).unwrap();
    assert_eq!((&news["level"], &news["message"]), (&"INFO".into(), &"news".into()), "{plain:?}");
    assert_eq!(plain.len(), 2);
    assert!(text[1].ends_with(" DEBUG it::logging: details") && text[2].ends_with(": news"), "{text:?}");
    assert_eq!(filtered.len(), 3);
    assert!(wrong[0].contains("`AWS_LAMBDA_LOG_LEVEL` is `LOUD`"), "{wrong:?}");
}

#[test]
fn a_second_subscriber_is_an_error() {
    let lines = process(&[]);

    assert_eq!(lines[0], "error: the process already has a tracing subscriber, or a logger");
}
