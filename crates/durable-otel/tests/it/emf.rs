//! Metrics in the embedded metric format.

use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_otel::EmfMetrics;
use durable_testing::TestRunner;
use serde_json::{Value, json};

use crate::written::Written;

async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
    ctx.step("reserve", async |_| Ok("x".repeat(10))).await?;
    ctx.wait("settle", Duration::from_secs(60)).await?;
    let charge = ctx.step("charge", async |step| match step.attempt() {
        1 => Err(Error::msg("busy")),
        _ => Ok(7),
    });
    charge.retry(RetryStrategy::fixed(Duration::from_secs(2))).await
}

async fn lines() -> Vec<Value> {
    let written = Written::default();
    let metrics = EmfMetrics::to(written.clone()).namespace("Shop");
    TestRunner::new(handler).plugins(metrics.plugins()).run(&()).await.unwrap();
    written.lines()
}

#[tokio::test(start_paused = true)]
async fn each_invocation_has_a_line_that_declares_what_it_contains() {
    let lines = lines().await;

    assert_eq!(lines.len(), 3);
    for line in &lines {
        let declared = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(
            (&declared["Namespace"], &declared["Dimensions"]),
            (&json!("Shop"), &json!([["FunctionName"]]))
        );
        assert_eq!(line["FunctionName"], "test");
        assert!(line["_aws"]["Timestamp"].is_i64());
        for metric in declared["Metrics"].as_array().unwrap() {
            let values = line[metric["Name"].as_str().unwrap()].as_array().unwrap();
            assert!((1..=100).contains(&values.len()), "{metric}");
            assert!(["Count", "Milliseconds", "Bytes"].contains(&metric["Unit"].as_str().unwrap()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_values_are_those_of_the_execution() {
    let lines = lines().await;
    let of = |name: &str| lines.iter().map(|line| line[name].clone()).collect::<Vec<_>>();

    assert_eq!(of("InvocationsPending"), [json!([1]), json!([1]), json!([0])]);
    assert_eq!(of("ExecutionsSucceeded"), [json!([0]), json!([0]), json!([1])]);
    assert_eq!(of("OperationsReplayed"), [json!([0]), json!([2]), json!([2])]);
    assert_eq!(of("OperationsEnded"), [json!([1]), json!([1]), json!([1])]);
    assert_eq!(of("AttemptsFailed"), [json!([0]), json!([1]), json!([0])]);
    assert_eq!(of("Retries"), [json!([0]), json!([0]), json!([1])]);
    assert_eq!(of("ResultSize"), [json!([12]), Value::Null, json!([1])]);
    let seconds = |value: &Value| (value[0].as_f64().unwrap() / 1_000.0).round();
    assert_eq!(seconds(&lines[1]["OperationDuration"]), 60.0);
    assert_eq!(seconds(&lines[2]["ExecutionDuration"]), 62.0);
    assert!(lines[0]["CheckpointSize"][0].as_u64().unwrap() > 12);
}

#[tokio::test(start_paused = true)]
async fn more_than_100_values_of_a_metric_are_in_several_lines() {
    let written = Written::default();
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        for _ in 0..250 {
            ctx.step("step", async |_| Ok(())).await?;
        }
        Ok(())
    };

    let plugins = EmfMetrics::to(written.clone()).plugins();
    TestRunner::new(handler).plugins(plugins).run(&()).await.unwrap();

    let lines = written.lines();
    let counts = lines.iter().map(|line| line["AttemptDuration"].as_array().unwrap().len());
    assert_eq!(counts.collect::<Vec<_>>(), [100, 100, 50]);
    assert!(lines[1].get("OperationsEnded").is_none(), "a count is reported once");
}
