//! Records of executions that ended.

use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_otel::ExecutionRecords;
use durable_testing::TestRunner;
use serde_json::{Value, json};

use crate::written::Written;

async fn handler(parcels: u32, ctx: DurableContext) -> Result<u32> {
    let charge = ctx.step("charge", async |step| match step.attempt() {
        1 => Err(Error::msg("busy")),
        _ => Ok(7),
    });
    charge.retry(RetryStrategy::fixed(Duration::from_secs(2))).await?;
    ctx.run_in_child_context("ship", async |ctx| {
        for _ in 0..parcels {
            ctx.step("label", async |_| Ok(())).await?;
        }
        Ok(parcels)
    })
    .await
}

async fn record(build: impl FnOnce(ExecutionRecords) -> ExecutionRecords, parcels: u32) -> Vec<Value> {
    let written = Written::default();
    let records = build(ExecutionRecords::to(written.clone()));
    TestRunner::new(handler).plugins(records.plugins()).run(&parcels).await.unwrap();
    written.lines()
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_ended_is_one_line_with_its_operations_as_a_tree() {
    let lines = record(|records| records, 2).await;

    let [line] = &lines[..] else { panic!("one line, not {}", lines.len()) };
    let record = &line["executionRecord"];
    assert_eq!((&record["status"], &record["functionName"]), (&json!("SUCCEEDED"), &json!("test")));
    assert_eq!(record["durationMs"], 2_000);
    assert!(record.get("input").is_none() && record.get("result").is_none() && record.get("error").is_none());
    let operations = record["operations"].as_array().unwrap();
    let names = |operations: &[Value]| {
        operations.iter().map(|operation| operation["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(operations), ["charge", "ship"]);
    assert_eq!((&operations[0]["attempts"], &operations[0]["type"]), (&json!(2), &json!("STEP")));
    assert_eq!(names(operations[1]["operations"].as_array().unwrap()), ["label", "label"]);
}

#[tokio::test(start_paused = true)]
async fn payloads_are_included_if_asked_for_and_if_they_fit() {
    let lines = record(|records| records.payloads(true), 2).await;
    assert_eq!(
        (&lines[0]["executionRecord"]["input"], &lines[0]["executionRecord"]["result"]),
        (&json!(2), &json!(2))
    );

    let lines = record(|records| records.payloads(true).max_bytes(3), 2).await;
    let record = &lines[0]["executionRecord"];
    assert_eq!((record.get("input"), &record["inputBytes"]), (None, &json!(1)));
}

#[tokio::test(start_paused = true)]
async fn operations_that_do_not_fit_are_omitted_and_counted() {
    let lines = record(|records| records.max_bytes(10_000), 500).await;

    let record = &lines[0]["executionRecord"];
    let inside = record["operations"][1]["operations"].as_array().unwrap().len();
    assert!((10..100).contains(&inside), "{inside}");
    assert_eq!(record["omittedOperations"], 500 - inside);
    assert!(lines[0].to_string().len() < 11_000);
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_is_not_sampled_has_no_record() {
    assert_eq!(record(|records| records.sampling_ratio(0.0), 1).await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_recorded_with_its_error() {
    let written = Written::default();
    let plugins = ExecutionRecords::to(written.clone()).plugins();
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        ctx.step("charge", async |_| Err(Error::msg("declined"))).retry(RetryStrategy::none()).await
    };

    TestRunner::new(handler).plugins(plugins).run(&()).await.unwrap();

    let record = &written.lines()[0]["executionRecord"];
    assert_eq!(record["status"], "FAILED");
    for error in [&record["error"], &record["operations"][0]["error"]] {
        assert!(error["ErrorMessage"].as_str().unwrap().contains("declined"), "{record}");
    }
}
