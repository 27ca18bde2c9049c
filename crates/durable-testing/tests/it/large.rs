//! What is too large for a record, a checkpoint or an answer.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_testing::{CallbackAnswer, TestRunner};
use durable_types::ExecutionStatus;
use durable_types::history::EventDetails;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const SECOND: Duration = Duration::from_secs(1);

/// Grows when it is written.
struct Growing(String);

impl Serialize for Growing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.repeat(6).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Growing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(deserializer)?))
    }
}

#[tokio::test]
async fn an_answer_too_large_for_the_record_of_its_wait_is_built_again() {
    static SUBMITTED: AtomicU32 = AtomicU32::new(0);
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let answer = ctx.wait_for_callback::<Growing, _, _>("answer", async |_, _| {
            SUBMITTED.fetch_add(1, Ordering::SeqCst);
            Ok(())
        });
        let length = answer.await?.0.len();
        let recorded = ctx.step("length", async |_| Ok(length)).await?;
        for _ in 0..2 {
            ctx.wait("pause", SECOND).await?;
            assert_eq!(length, recorded);
        }
        Ok(length)
    };
    let runner = TestRunner::new(handler);
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(Duration::ZERO).await.unwrap();
    let id = execution.callback_id("answer").unwrap();

    let answer = CallbackAnswer::Succeeded(Some(format!("\"{}\"", "x".repeat(200_000))));
    execution.answer_callback(&id, answer).unwrap();

    let execution = execution.finish().await.unwrap();
    assert_eq!(execution.result::<usize>().unwrap(), 1_200_000);
    assert_eq!(SUBMITTED.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_large_results_of_a_flat_map_are_the_same_on_replay() {
    static STEPS: AtomicU32 = AtomicU32::new(0);
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<String>> {
        let items = ctx.map("items", 0..6, async |ctx, item: u32, _| {
            if item == 2 {
                return Err(Error::msg("this one fails"));
            }
            if item == 5 {
                ctx.wait("long", 60 * SECOND).await?;
            }
            let large = ctx.step("large", async |_| {
                STEPS.fetch_add(1, Ordering::SeqCst);
                Ok(item.to_string().repeat(70_000))
            });
            large.await
        });
        let items = items.flat().min_successful(4).await?;
        let lines = items.iter().map(|item| match &item.result {
            None => "under way".to_owned(),
            Some(Err(error)) => error.to_string(),
            Some(Ok(value)) => format!("{} {}", &value[..1], value.len()),
        });
        let lines: Vec<_> = lines.chain([items.completion_reason().to_string()]).collect();
        let first = ctx.step("lines", async |_| Ok(lines.clone())).await?;
        for _ in 0..2 {
            ctx.wait("pause", SECOND).await?;
            assert_eq!(lines, first);
        }
        Ok(lines)
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(
        execution.result::<Vec<String>>().unwrap(),
        [
            "0 70000",
            "1 70000",
            "child context failed: this one fails",
            "3 70000",
            "4 70000",
            "under way",
            "MIN_SUCCESSFUL_REACHED"
        ]
    );
    assert_eq!(STEPS.load(Ordering::SeqCst), 4);
    assert_eq!(execution.elapsed(), 2 * SECOND);
}

#[tokio::test]
async fn what_is_recorded_of_a_batch_of_as_many_items_as_there_may_be_fits() {
    let handler = async |items: u32, ctx: DurableContext| -> Result<(usize, usize)> {
        let items = ctx.map("items", 0..items, async |ctx, item: u32, _| {
            if item > 0 {
                ctx.wait("long", 60 * SECOND).await?;
            }
            Ok(item)
        });
        let items = items.flat().min_successful(1).await?;
        ctx.wait("pause", SECOND).await?;
        Ok((items.len(), items.success_count()))
    };

    let execution = TestRunner::new(handler).run(&29_000).await.unwrap();

    assert_eq!(execution.result::<(usize, usize)>().unwrap(), (29_000, 1));
}

#[tokio::test]
async fn a_large_result_of_a_child_context_is_built_again_from_its_operations() {
    static STEPS: AtomicU32 = AtomicU32::new(0);
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let large = ctx.run_in_child_context("large", async |ctx| {
            let length = ctx.step("length", async |_| {
                STEPS.fetch_add(1, Ordering::SeqCst);
                Ok(300_000_usize)
            });
            Ok("x".repeat(length.await?))
        });
        let length = large.await?.len();
        ctx.wait("pause", SECOND).await?;
        Ok(length)
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<usize>().unwrap(), 300_000);
    assert_eq!(STEPS.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_results_of_a_batch_come_from_its_own_record_when_those_of_its_items_are_gone() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<u32>> {
        let items = ctx.map("items", 0..3, async |ctx, item: u32, _| {
            RUNS.fetch_add(1, Ordering::SeqCst);
            ctx.step("double", async |_| Ok(2 * item)).await
        });
        let items = items.await?.into_result()?;
        ctx.wait("pause", SECOND).await?;
        Ok(items)
    };

    // The service tells nothing of the operations inside a context that has ended.
    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<Vec<u32>>().unwrap(), [0, 2, 4]);
    assert_eq!(RUNS.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_error_too_large_to_record_is_cut_and_fails_nothing_else() {
    let handler = async |_: (), ctx: DurableContext| -> Result<bool> {
        let loud = ctx.step("loud", async |_| Err::<(), _>(Error::msg("loud ".repeat(400_000))));
        let error = loud.retry(RetryStrategy::none()).await.unwrap_err();
        ctx.wait("pause", SECOND).await?;
        Ok(error.message().starts_with("loud loud"))
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert!(execution.result::<bool>().unwrap());
}

#[tokio::test]
async fn an_execution_may_fail_with_an_error_of_any_size() {
    for bytes in [100, 1_100_000, 7_000_000] {
        let handler =
            async |bytes: usize, _: DurableContext| -> Result<()> { Err(Error::msg("x".repeat(bytes))) };

        let execution = TestRunner::new(handler).run(&bytes).await.unwrap();

        assert_eq!(execution.status(), &ExecutionStatus::Failed, "{bytes}");
        let error = execution.error().unwrap();
        assert_eq!(error.error_type.as_deref(), Some("Error"), "{bytes}");
        assert!(error.error_message.as_deref().unwrap().starts_with("xxxxx"), "{bytes}");
    }
}

#[tokio::test]
async fn a_result_too_large_for_an_answer_is_the_result_and_ends_the_execution_once() {
    let bytes = 6 * 1024 * 1024 - 20;
    let handler = async |bytes: usize, _: DurableContext| -> Result<String> { Ok("x".repeat(bytes)) };

    let execution = TestRunner::new(handler).run(&bytes).await.unwrap();

    assert_eq!(execution.result::<String>().unwrap().len(), bytes);
    let ends =
        |event: &&durable_types::history::Event| matches!(event.details, EventDetails::ExecutionSucceeded(_));
    assert_eq!(execution.history().iter().filter(ends).count(), 1);
}
