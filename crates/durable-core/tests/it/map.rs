//! Maps.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use durable_core::batch::{BatchItem, BatchResult, CompletionReason};
use durable_core::error::BoxError;
use durable_core::retry::RetryStrategy;
use durable_core::serdes::{DeserializeValue, SerdesContext, SerializeValue};
use durable_core::types::{InvocationOutput, OperationStatus};
use durable_core::{DurableContext, Error, Result};

use crate::ledger::{Ledger, error, result};

#[tokio::test]
async fn results_come_in_the_order_of_the_items_and_are_not_made_again_on_replay() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let ledger = Ledger::new(&["World", "Kiro"]);
    let handler = async |names: Vec<String>, ctx: DurableContext| -> Result<Vec<String>> {
        let greetings = ctx
            .map("greet", &names, async |ctx, name, _| {
                RUNS.fetch_add(1, Ordering::SeqCst);
                ctx.step("hello", async |_| Ok(format!("Hello, {name}!"))).await
            })
            .item_names(|name, index| format!("{index}-{name}"))
            .await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        assert_eq!(greetings.completion_reason(), CompletionReason::AllCompleted);
        greetings.into_result()
    };

    assert_eq!(result(ledger.run(&handler).await), r#"["Hello, World!","Hello, Kiro!"]"#);

    assert_eq!(RUNS.load(Ordering::SeqCst), 2);
    let item = ledger.operation("1-Kiro");
    assert_eq!(item.sub_type.as_deref(), Some("MapIteration"));
    assert_eq!(item.parent_id, Some(ledger.operation("greet").id));
    let record = ledger.operation("greet").take_context_details().result.unwrap();
    let all = r#"{"all":[{"index":0,"name":"0-World","status":"SUCCEEDED","result":"Hello, World!"},"#;
    assert!(record.starts_with(all), "{record}");
}

#[tokio::test]
async fn a_map_of_a_thousand_items_with_a_step_each_takes_at_most_twenty_checkpoints() {
    let ledger = Ledger::new(&1_000);
    let handler = async |count: usize, ctx: DurableContext| -> Result<usize> {
        let doubled = ctx
            .map("double", 0..count, async |ctx, item, _| ctx.step("double", async |_| Ok(item * 2)).await);
        Ok(doubled.await?.values().sum())
    };

    assert_eq!(result(ledger.run(&handler).await), "999000");

    let calls = ledger.calls();
    assert_eq!(calls.concat().len(), 4_002);
    assert!(calls.len() <= 20, "{}", calls.len());
}

#[tokio::test]
async fn no_more_items_are_under_way_than_allowed_and_one_that_waits_keeps_its_place() {
    static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
    static PEAK: AtomicUsize = AtomicUsize::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<usize>> {
        UNDER_WAY.store(0, Ordering::SeqCst);
        let items = ctx.map("items", 0..5, async |ctx, item, _| {
            PEAK.fetch_max(UNDER_WAY.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            ctx.wait("wait", Duration::from_secs(1)).await?;
            UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
            Ok(item)
        });
        items.max_concurrency(2).await?.into_result()
    };

    assert_eq!(result(ledger.run(&handler).await), "[0,1,2,3,4]");
    assert_eq!(PEAK.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn the_first_failure_completes_a_map_and_items_after_it_are_never_started() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(usize, usize, usize, String)> {
        let items = ctx.map("items", 0..5, async |_, item, _| match item {
            1 => Err(Error::msg("bad item")),
            item => Ok(item),
        });
        let items = items.max_concurrency(1).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        let error = items.errors().next().unwrap().to_string();
        assert_eq!(items.completion_reason(), CompletionReason::FailureToleranceExceeded);
        Ok((items.len(), items.success_count(), items.failure_count(), error))
    };

    let text = r#"[2,1,1,"child context failed: bad item"]"#;
    assert_eq!(result(ledger.run(&handler).await), text);
}

#[tokio::test(start_paused = true)]
async fn enough_successes_complete_a_map_without_waiting_for_the_rest() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<Option<usize>>> {
        let items = ctx.map("items", 0..2, async |ctx, item, _| {
            if item == 0 {
                ctx.step("stuck", async |_| std::future::pending::<Result<()>>().await).await?;
            }
            Ok(item)
        });
        let items = items.min_successful(1).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        assert_eq!(items.completion_reason(), CompletionReason::MinSuccessfulReached);
        Ok(items.iter().map(|item| item.result.as_ref().and_then(|result| result.clone().ok())).collect())
    };

    assert_eq!(result(ledger.run(&handler).await), "[null,1]");
}

#[tokio::test]
async fn results_too_large_to_record_are_built_again_with_the_same_statuses() {
    static STEPS: AtomicUsize = AtomicUsize::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<Option<usize>>> {
        let items = ctx.map("items", 0..6, async |ctx, item, _| {
            if item == 0 {
                ctx.wait("long", Duration::from_secs(60)).await?;
            }
            let large = ctx.step("large", async |_| {
                STEPS.fetch_add(1, Ordering::SeqCst);
                Ok("x".repeat(70_000))
            });
            large.await
        });
        let items = items.min_successful(5).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(items
            .iter()
            .map(|item| item.result.as_ref().map(|result| result.as_ref().unwrap().len()))
            .collect())
    };

    let lengths = "[null,70000,70000,70000,70000,70000]";
    assert_eq!(result(ledger.run(&handler).await), lengths);

    assert_eq!(STEPS.load(Ordering::SeqCst), 5);
    let details = ledger.operation("items").take_context_details();
    assert_eq!(details.replay_children, Some(true));
    let decision = details.result.unwrap();
    assert!(decision.contains(r#""startedIndexes":[0]"#) && decision.len() < 200, "{decision}");
    assert_eq!(ledger.calls().concat().iter().filter(|call| *call == "SUCCEED items").count(), 1);
}

#[tokio::test]
async fn operations_in_a_flat_map_belong_to_the_map_and_are_told_apart() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<usize>> {
        let items = ctx.map("items", 0..3, async |ctx, item, _| {
            let first = ctx.step("add", async |_| Ok(item * 10)).await?;
            ctx.wait("wait", Duration::from_secs(1)).await?;
            let inner =
                ctx.run_in_child_context("inner", async |ctx| Ok(ctx.step("add", async |_| Ok(1)).await?));
            Ok(first + inner.await?)
        });
        items.flat().await?.into_result()
    };

    assert_eq!(result(ledger.run(&handler).await), "[1,11,21]");

    let map = ledger.operation("items").id;
    let updates = ledger.updates().concat();
    let of_map = |update: &&durable_core::types::OperationUpdate| update.parent_id.as_deref() == Some(&map);
    assert_eq!(updates.iter().filter(of_map).count(), 3 * (2 + 1 + 2));
    assert!(updates.iter().all(|update| update.sub_type.as_deref() != Some("MapIteration")));
}

#[tokio::test]
async fn an_empty_map_is_recorded_and_complete() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<u32>> {
        let none = ctx.map("none", Vec::<u32>::new(), async |_, item, _| Ok(item)).await?;
        none.into_result()
    };

    assert_eq!(result(ledger.run(&handler).await), "[]");
    assert_eq!(ledger.calls(), [["START none", "SUCCEED none"]]);
}

#[tokio::test]
async fn rules_that_make_no_sense_are_errors_and_record_nothing() {
    for problem in ["max_concurrency", "min_successful", "tolerated_failure_percentage"] {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
            let items = ctx.map("items", 0..2, async |_, item, _| Ok(item));
            let items = match problem {
                "max_concurrency" => items.max_concurrency(0),
                "min_successful" => items.min_successful(3),
                _ => items.tolerated_failure_percentage(101.0),
            };
            Ok(items.await?.len())
        };

        let (error_type, message) = error(ledger.run(&handler).await);

        assert_eq!(error_type, "InvalidArgumentError");
        assert!(message.contains("`items`") && message.contains(problem), "{message}");
        assert!(ledger.calls().is_empty());
    }
}

/// Records texts in capitals.
struct Capitals;

impl SerializeValue<String> for Capitals {
    async fn serialize(&self, value: &String, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(value.to_uppercase())
    }
}

impl DeserializeValue<String> for Capitals {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(text.to_owned())
    }
}

#[tokio::test]
async fn items_are_recorded_with_their_serdes_live_and_on_replay() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<String>> {
        let items =
            ctx.using(Capitals).map("items", ["a", "b"], async |_, item, _| Ok(item.to_owned())).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        items.into_result()
    };

    assert_eq!(result(ledger.run(&handler).await), r#"["A","B"]"#);
}

#[tokio::test]
async fn a_map_that_was_interrupted_is_carried_on() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let items = ctx.map("items", 0..4, async |ctx, item, _| {
            let step = ctx.step("count", async |_| {
                RUNS.fetch_add(1, Ordering::SeqCst);
                Ok(item)
            });
            let counted = step.retry(RetryStrategy::none()).await?;
            ctx.wait("wait", Duration::from_secs(item as u64 + 1)).await?;
            Ok(counted)
        });
        Ok(items.await?.values().sum())
    };

    assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);
    assert_eq!(ledger.operation("items").status, OperationStatus::Started);
    assert_eq!(result(ledger.run(&handler).await), "6");
    assert_eq!(RUNS.load(Ordering::SeqCst), 4);
}

/// Records the values alone, in one line.
struct OneLine;

impl SerializeValue<BatchResult<String>> for OneLine {
    async fn serialize(&self, batch: &BatchResult<String>, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(batch.values().cloned().collect::<Vec<_>>().join(","))
    }
}

impl DeserializeValue<BatchResult<String>> for OneLine {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<BatchResult<String>, BoxError> {
        let item = |(index, value): (usize, &str)| BatchItem::new(index, None, Some(Ok(value.to_owned())));
        let items = text.split(',').enumerate().map(item).collect();
        Ok(BatchResult::new(items, CompletionReason::AllCompleted))
    }
}

#[tokio::test]
async fn a_map_is_recorded_with_its_own_serdes_live_and_on_replay() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<String>> {
        let items = ctx
            .map("items", ["a", "b"], async |_, item, _| Ok(item.to_owned()))
            .batch_serdes(OneLine)
            .await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        items.into_result()
    };

    assert_eq!(result(ledger.run(&handler).await), r#"["a","b"]"#);
    assert_eq!(ledger.operation("items").take_context_details().result.as_deref(), Some("a,b"));
}
