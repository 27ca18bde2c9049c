//! What errors and answers of the transport mean for the invocation.

use std::time::Duration;

use durable_core::transport::TransportError;
use durable_core::types::InvocationOutput;
use durable_core::{DurableContext, Result};

use crate::ledger::{ARN, Ledger, error, result};

async fn count(to: u32, ctx: DurableContext) -> Result<u32> {
    let mut sum = 0;
    for step in 0..to {
        sum += ctx.step("add", async |_| Ok(step)).await.unwrap_or(0);
    }
    Ok(sum)
}

#[tokio::test]
async fn a_checkpoint_that_another_invocation_may_repeat_ends_this_one_and_cannot_be_caught() {
    let ledger = Ledger::new(&3);
    ledger.fail_next(TransportError::invocation("throttled"));

    let error = ledger.invoke(&count).await.unwrap_err();

    assert_eq!(error.execution_arn(), ARN);
    assert_eq!(result(ledger.invoke(&count).await.unwrap()), "3");
}

#[tokio::test]
async fn a_checkpoint_that_can_never_succeed_fails_the_execution_and_cannot_be_caught() {
    let ledger = Ledger::new(&3);
    ledger.fail_next(TransportError::execution("the payload is too large"));

    let (error_type, message) = error(ledger.invoke(&count).await.unwrap());

    assert_eq!(error_type, "CheckpointError");
    assert!(message.ends_with("the payload is too large"), "{message}");
}

#[tokio::test]
async fn a_withheld_token_ends_the_invocation_as_pending_and_keeps_what_was_recorded() {
    let ledger = Ledger::new(&3);
    ledger.withhold_tokens();

    assert_eq!(ledger.invoke(&count).await.unwrap(), InvocationOutput::Pending);
    assert_eq!(ledger.calls(), [["START add", "SUCCEED add"]]);
}

#[tokio::test]
async fn what_is_recorded_is_read_page_by_page() {
    for items in [1, 2, 7] {
        let ledger = Ledger::new(&20).in_pages_of(items);
        let handler = async |to: u32, ctx: DurableContext| -> Result<u32> {
            let sum = count(to, ctx.clone()).await?;
            ctx.wait("pause", Duration::from_secs(1)).await?;
            Ok(sum)
        };

        assert_eq!(result(ledger.run(&handler).await), "190", "pages of {items}");
        assert_eq!(ledger.calls().concat().len(), 41, "pages of {items}");
    }
}

#[tokio::test]
async fn dropping_a_future_never_loses_a_request_or_a_token() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let slow = ctx.step("slow", async |_| {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            Ok(1)
        });
        let quick = ctx.step("quick", async |_| Ok(2));
        let first = tokio::select! {
            biased;
            slow = slow.into_future() => slow?,
            quick = quick.into_future() => quick?,
        };
        let last = ctx.step("last", async |_| Ok(10)).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(first + last)
    };

    assert_eq!(result(ledger.run(&handler).await), "12");
}

#[tokio::test]
async fn a_result_too_large_for_an_answer_is_checkpointed() {
    let ledger = Ledger::new(&(6 * 1024 * 1024 - 20_usize));
    let handler = async |length: usize, _: DurableContext| -> Result<String> { Ok("x".repeat(length)) };
    ledger.withhold_tokens();

    assert_eq!(result(ledger.invoke(&handler).await.unwrap()), "");
    let update = &ledger.updates()[0][0];
    assert_eq!((update.operation_id.as_str(), update.operation_type.as_str()), ("4f1c", "EXECUTION"));
    assert_eq!(update.result.as_ref().map(String::len), Some(6 * 1024 * 1024 - 18));
}

#[tokio::test]
async fn a_result_too_large_to_record_fails_the_execution_and_says_so() {
    let ledger = Ledger::new(&(6 * 1024 * 1024_usize));
    let handler = async |length: usize, _: DurableContext| -> Result<String> { Ok("x".repeat(length)) };

    let (error_type, message) = error(ledger.invoke(&handler).await.unwrap());

    assert_eq!(error_type, "PayloadTooLargeError");
    assert!(message.contains("6291458 bytes"), "{message}");
    assert!(ledger.calls().is_empty());
}

#[tokio::test]
async fn a_step_whose_result_is_too_large_to_record_fails_and_is_not_tried_again() {
    let ledger = Ledger::new(&(1024 * 1024_usize));
    let handler = async |length: usize, ctx: DurableContext| -> Result<String> {
        ctx.step("read", async |_| Ok("x".repeat(length))).await
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert!(message.contains("step `read` failed: the result has 1048578 bytes"), "{message}");
    assert_eq!(error_type, "PayloadTooLargeError");
    assert_eq!(ledger.calls(), [["START read", "FAIL read"]]);
}
