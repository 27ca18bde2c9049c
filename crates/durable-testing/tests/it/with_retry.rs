//! Blocks that are tried again, against the service.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_testing::{CallbackAnswer, Fault, TestRunner, crash};
use durable_types::ExecutionStatus;

fn every_ten_seconds(attempts: u32) -> RetryStrategy {
    RetryStrategy::fixed(Duration::from_secs(10)).max_attempts(attempts).into()
}

/// Succeeds in its third attempt; each takes a wait and a step.
async fn third_time_lucky(_: (), ctx: DurableContext) -> Result<(u32, u32)> {
    let block = ctx.with_retry("order", async |ctx, attempt| {
        let reserved = ctx.step("reserve", async |_| Ok(100 + attempt)).await?;
        ctx.wait("settle", Duration::from_secs(60)).await?;
        let charge = ctx.step("charge", async |_| match attempt {
            1 | 2 => Err(Error::msg("no funds")),
            attempt => Ok(attempt),
        });
        Ok((reserved, charge.retry(RetryStrategy::none()).await?))
    });
    block.retry(every_ten_seconds(5)).await
}

#[tokio::test]
async fn the_execution_suspends_within_attempts_and_between_them() {
    let execution = TestRunner::new(third_time_lucky).run(&()).await.unwrap();

    assert_eq!(execution.result::<(u32, u32)>().unwrap(), (103, 3));
    assert_eq!(execution.elapsed(), Duration::from_secs(3 * 60 + 2 * 10));
    assert_eq!(execution.invocations(), 6);
    let names = execution.operations().filter_map(|operation| operation.name.as_deref());
    let attempt = ["reserve", "settle", "charge"];
    let expected = [&["order"][..], &attempt, &["order-backoff-1"], &attempt, &["order-backoff-2"], &attempt];
    assert_eq!(names.collect::<Vec<_>>(), expected.concat());
}

#[tokio::test]
async fn a_crash_at_any_checkpoint_leaves_the_result_as_it_is() {
    let checkpoints = TestRunner::new(third_time_lucky).run(&()).await.unwrap().checkpoints();

    for checkpoint in 1..=checkpoints {
        for fault in [Fault::LostRequest, Fault::LostResponse] {
            let execution =
                TestRunner::new(third_time_lucky).fault(checkpoint, fault).run(&()).await.unwrap();

            let result = execution.result::<(u32, u32)>().unwrap();
            assert_eq!(result, (103, 3), "after {fault:?} at {checkpoint}");
        }
    }
}

static CRASHED: AtomicU32 = AtomicU32::new(0);

async fn dies_once(_: (), ctx: DurableContext) -> Result<u32> {
    let block = ctx.with_retry("order", async |ctx, attempt| {
        ctx.step("charge", async |_| {
            if attempt == 2 && CRASHED.fetch_add(1, Ordering::SeqCst) == 0 {
                crash().await;
            }
            Ok(())
        })
        .await?;
        if attempt == 1 { Err(Error::msg("not yet")) } else { Ok(attempt) }
    });
    block.retry(every_ten_seconds(2)).await
}

#[tokio::test]
async fn a_process_that_dies_in_an_attempt_does_not_use_that_attempt_up() {
    let execution = TestRunner::new(dies_once).run(&()).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), 2);
    assert_eq!(CRASHED.load(Ordering::SeqCst), 2);
}

async fn never(_: (), ctx: DurableContext) -> Result<u32> {
    let block = ctx.with_retry("order", async |_, attempt| Err(Error::msg(format!("attempt {attempt}"))));
    block.retry(every_ten_seconds(3)).await
}

#[tokio::test]
async fn when_all_attempts_have_failed_the_last_error_ends_the_execution() {
    let execution = TestRunner::new(never).run(&()).await.unwrap();

    assert_eq!(execution.status(), &ExecutionStatus::Failed);
    let error = execution.error().unwrap();
    assert_eq!(error.error_type.as_deref(), Some("Error"));
    assert_eq!(error.error_message.as_deref(), Some("retry block `order` failed: attempt 3"));
    assert_eq!(execution.elapsed(), Duration::from_secs(20));
}

async fn not_for_this(_: (), ctx: DurableContext) -> Result<String> {
    let block = ctx.with_retry("order", async |ctx, attempt| {
        ctx.wait("settle", Duration::from_secs(1)).await?;
        let text = if attempt == 2 { "gone for good" } else { "busy" };
        Err::<(), _>(Error::msg(text))
    });
    let refused =
        block.retry_if(|error| error.to_string() == "busy").retry(every_ten_seconds(9)).await.unwrap_err();
    Ok(refused.message().to_owned())
}

#[tokio::test]
async fn a_predicate_that_refuses_an_error_ends_the_block_with_it() {
    let execution = TestRunner::new(not_for_this).run(&()).await.unwrap();

    assert_eq!(execution.result::<String>().unwrap(), "gone for good");
    assert_eq!(execution.elapsed(), Duration::from_secs(12));
}

async fn labels_and_approval(parcels: Vec<u32>, ctx: DurableContext) -> Result<(u32, String)> {
    let block = ctx.with_retry("ship", async |ctx, attempt| {
        let labels = ctx.map("labels", &parcels, async |ctx, parcel, _| {
            let label = ctx.step("label", async |_| Ok(parcel * attempt)).await?;
            ctx.wait("dry", Duration::from_secs(1)).await?;
            Ok(label)
        });
        let labels = labels.flat().await?.into_result()?;
        let approval: String = ctx.wait_for_callback("approval", async |_, _| Ok(())).await?;
        Ok((labels.iter().sum(), approval))
    });
    block.retry(every_ten_seconds(2)).await
}

#[tokio::test]
async fn a_block_may_contain_maps_and_callbacks_and_has_new_ones_in_each_attempt() {
    let runner = TestRunner::new(labels_and_approval);
    let mut execution = runner.start(&[1, 2, 3]).unwrap();
    execution.run_for(Duration::from_secs(2)).await.unwrap();
    let first = execution.callback_id("approval").unwrap();
    execution.answer_callback(&first, CallbackAnswer::Failed(None)).unwrap();
    execution.run_for(Duration::from_secs(12)).await.unwrap();

    let history = execution.history();
    let mut ids = history.iter().filter_map(|event| match &event.details {
        durable_types::history::EventDetails::CallbackStarted(started) => Some(started.callback_id.clone()),
        _ => None,
    });
    let second = ids.next_back().unwrap();
    assert_ne!(first, second);
    execution.answer_callback(&second, CallbackAnswer::Succeeded(Some("\"yes\"".into()))).unwrap();

    let execution = execution.finish().await.unwrap();
    assert_eq!(execution.result::<(u32, String)>().unwrap(), (12, "yes".to_owned()));
}

async fn races(_: (), ctx: DurableContext) -> Result<u32> {
    let block = ctx.with_retry("race", async |ctx, attempt| {
        let slow = async {
            ctx.wait("slow", Duration::from_secs(30)).await?;
            Ok(())
        };
        let quick = async {
            ctx.wait("quick", Duration::from_secs(5)).await?;
            if attempt == 1 { Err(Error::msg("lost")) } else { Ok(()) }
        };
        tokio::try_join!(slow, quick)?;
        Ok(attempt)
    });
    block.retry(every_ten_seconds(2)).await
}

#[tokio::test]
async fn what_a_failed_attempt_left_behind_does_not_hold_up_the_next() {
    let execution = TestRunner::new(races).run(&()).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), 2);
    assert_eq!(execution.elapsed(), Duration::from_secs(5 + 10 + 30));
}
