//! The replay barrier: what may change in the code of a running execution, and what may not.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::driver::{DivergencePolicy, Invocation};
use durable_core::types::{InvocationOutput, OperationStatus};
use durable_core::{DurableContext, Result};
use futures_util::future::{Either, select};

use crate::ledger::{Ledger, error, lambda_context, result};

const SECOND: Duration = Duration::from_secs(1);

/// An execution that has done two steps and now waits.
async fn waiting() -> Ledger {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let a = ctx.step("a", async |_| Ok(1)).await?;
        let b = ctx.step("b", async |_| Ok(2)).await?;
        ctx.wait("pause", SECOND).await?;
        Ok(a + b + ctx.step("c", async |_| Ok(4)).await?)
    };
    assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);
    ledger
}

#[tokio::test]
async fn code_after_what_is_recorded_may_change() {
    let ledger = waiting().await;
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let a = ctx.step("a", async |_| Ok(0)).await?;
        let b = ctx.step("b", async |_| Ok(0)).await?;
        ctx.wait("pause", SECOND).await?;
        Ok(a + b + ctx.step("new", async |_| Ok(8)).await?)
    };

    assert_eq!(result(ledger.run(&handler).await), "11");
}

/// Runs changed code over the execution and expects that nothing of it acts.
async fn assert_diverges<H, F>(handler: &H, names: &[&str])
where
    H: Fn((), DurableContext) -> F + Sync,
    F: Future<Output = Result<u32>> + Send,
{
    let ledger = waiting().await;
    let calls = ledger.calls();

    let (error_type, message) = error(ledger.run(handler).await);

    assert_eq!(error_type, "NonDeterministicExecutionError");
    for name in names {
        assert!(message.contains(name), "{name}: {message}");
    }
    assert_eq!(ledger.calls(), calls, "nothing was checkpointed");
}

static NEW_CODE: AtomicU32 = AtomicU32::new(0);

fn new_code() -> Result<u32> {
    NEW_CODE.fetch_add(1, Ordering::SeqCst);
    Ok(0)
}

#[tokio::test]
async fn an_operation_renamed_replaced_or_removed_fails_the_execution_before_new_code_runs() {
    assert_diverges(
        &async |_, ctx: DurableContext| {
            ctx.step("a", async |_| new_code()).await?;
            ctx.step("renamed", async |_| new_code()).await?;
            ctx.wait("pause", SECOND).await?;
            Ok(0)
        },
        &["expected STEP `b`, got STEP `renamed` (renamed)", "not reached: WAIT `pause`"],
    )
    .await;
    assert_diverges(
        &async |_, ctx: DurableContext| {
            ctx.step("a", async |_| new_code()).await?;
            ctx.wait("b", SECOND).await?;
            ctx.wait("pause", SECOND).await?;
            Ok(0)
        },
        &["expected STEP `b`, got WAIT `b` (retyped)", "not reached: WAIT `pause`"],
    )
    .await;
    assert_diverges(
        &async |_, ctx: DurableContext| {
            ctx.step("a", async |_| new_code()).await?;
            ctx.step("b", async |_| new_code()).await?;
            ctx.step("c", async |_| new_code()).await
        },
        &["expected WAIT `pause`, got STEP `c` (added, or WAIT `pause` was removed)"],
    )
    .await;
    assert_diverges(
        &async |_, ctx: DurableContext| {
            ctx.step("a", async |_| new_code()).await?;
            ctx.step("b", async |_| new_code()).await
        },
        &["expected WAIT `pause`, got nothing (removed)"],
    )
    .await;
    assert_eq!(NEW_CODE.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn divergence_cannot_be_caught() {
    assert_diverges(
        &async |_, ctx: DurableContext| {
            let renamed = ctx.step("renamed", async |_| new_code()).await;
            Ok(renamed.unwrap_or(7))
        },
        &["renamed"],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn ordinary_futures_between_operations_do_not_look_like_divergence() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let slow = async {
            tokio::time::sleep(3 * SECOND).await;
            ctx.wait("slow", SECOND).await?;
            durable_core::Ok(ctx.step("after", async |_| Ok(1)).await?)
        };
        let quick = async {
            ctx.wait("quick", 30 * SECOND).await?;
            durable_core::Ok(ctx.step("then", async |_| Ok(2)).await?)
        };
        let work = ctx.step("work", async |_| {
            tokio::time::sleep(10 * SECOND).await;
            Ok(4)
        });
        let (slow, quick, work) = tokio::join!(slow, quick, work.into_future());
        Ok(slow? + quick? + work?)
    };

    assert_eq!(result(ledger.run(&handler).await), "7");
}

/// Two chains of three operations, joined in one context.
async fn chains(_: (), ctx: DurableContext) -> Result<(u32, u32)> {
    let left = async {
        let a = ctx.step("a1", async |_| Ok(1)).await?;
        ctx.wait("a2", SECOND).await?;
        durable_core::Ok(a + ctx.step("a3", async |_| Ok(2)).await?)
    };
    let right = async {
        ctx.wait("b1", SECOND).await?;
        let b = ctx.step("b2", async |_| Ok(10)).await?;
        ctx.wait("b3", SECOND).await?;
        durable_core::Ok(b)
    };
    let (left, right) = tokio::join!(left, right);
    Ok((left?, right?))
}

#[tokio::test]
async fn chains_side_by_side_replay_over_pages_of_any_size() {
    for items in 1..8 {
        let ledger = Ledger::new(&()).in_pages_of(items);

        assert_eq!(result(ledger.run(&chains).await), "[3,10]");
    }
}

/// A race of two chains with a plain `select`, and more after it. On replay the winner is ready at once.
async fn race(_: (), ctx: DurableContext) -> Result<u32> {
    let quick = async { durable_core::Ok(ctx.step("quick", async |_| Ok(1)).await?) };
    let slow = async {
        ctx.wait("slow", 3_600 * SECOND).await?;
        durable_core::Ok(2)
    };
    let first = match select(Box::pin(quick), Box::pin(slow)).await {
        Either::Left((first, _)) | Either::Right((first, _)) => first?,
    };
    ctx.wait("pause", SECOND).await?;
    Ok(first + ctx.step("after", async |_| Ok(10)).await?)
}

#[tokio::test]
async fn the_loser_of_a_race_that_is_not_even_polled_on_replay_is_no_divergence() {
    let ledger = Ledger::new(&()).with_timestamps();
    assert_eq!(ledger.invoke(&race).await.unwrap(), InvocationOutput::Pending);
    assert_eq!(ledger.operation("slow").status, OperationStatus::Started, "it was under way");

    assert_eq!(result(ledger.run(&race).await), "11");
}

#[tokio::test]
async fn operations_in_a_task_of_their_own_are_awaited_and_replayed() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let inner = ctx.clone();
        let task = tokio::spawn(async move {
            let begun = inner.wait("apart", SECOND).into_future();
            tokio::time::sleep(Duration::from_millis(30)).await;
            begun.await?;
            inner.step("then", async |_| Ok(1)).await
        });
        let apart = task.await??;
        ctx.wait("pause", SECOND).await?;
        Ok(apart + ctx.step("after", async |_| Ok(10)).await?)
    };

    assert_eq!(result(ledger.run(&handler).await), "11");
}

async fn before_the_change(_: (), ctx: DurableContext) -> Result<u32> {
    let a = ctx.step("a", async |_| Ok(1)).await?;
    ctx.wait("pause", SECOND).await?;
    let old = ctx.step("old", async |_| Ok(10)).await?;
    ctx.wait("second-pause", SECOND).await?;
    Ok(a + old)
}

async fn after_the_change(_: (), ctx: DurableContext) -> Result<u32> {
    let a = ctx.step("a", async |_| Ok(1)).await?;
    ctx.wait("pause", SECOND).await?;
    let b = match ctx.patched("change") {
        true => ctx.step("new", async |_| Ok(20)).await?,
        false => ctx.step("old", async |_| Ok(10)).await?,
    };
    ctx.wait("second-pause", SECOND).await?;
    assert_eq!(ctx.patched("change"), b == 20, "the answer stays the same");
    Ok(a + b)
}

#[tokio::test]
async fn an_execution_that_is_past_a_change_does_not_see_it() {
    let ledger = Ledger::new(&());
    ledger.invoke(&before_the_change).await.unwrap();
    ledger.invoke(&before_the_change).await.unwrap();

    assert_eq!(result(ledger.run(&after_the_change).await), "11");
    assert!(ledger.calls().concat().iter().all(|call| !call.contains("change")));
}

#[tokio::test]
async fn an_execution_that_comes_to_a_change_takes_it_over_for_good() {
    let begun_before = Ledger::new(&());
    begun_before.invoke(&before_the_change).await.unwrap();
    assert_eq!(result(begun_before.run(&after_the_change).await), "21");

    let fresh = Ledger::new(&());
    assert_eq!(result(fresh.run(&after_the_change).await), "21");
    let calls = fresh.calls().concat();
    assert_eq!(calls.iter().filter(|call| *call == "SUCCEED change").count(), 1);
}

#[tokio::test]
async fn code_that_does_not_ask_for_a_change_any_more_is_no_divergence() {
    let ledger = Ledger::new(&());
    ledger.invoke(&after_the_change).await.unwrap();
    ledger.invoke(&after_the_change).await.unwrap();
    let cleaned_up = async |_: (), ctx: DurableContext| -> Result<u32> {
        let a = ctx.step("a", async |_| Ok(1)).await?;
        ctx.wait("pause", SECOND).await?;
        let new = ctx.step("new", async |_| Ok(20)).await?;
        ctx.wait("second-pause", SECOND).await?;
        Ok(a + new)
    };

    assert_eq!(result(ledger.run(&cleaned_up).await), "21");
}

/// What `waiting` recorded, over code that renamed the second step.
async fn renamed(_: (), ctx: DurableContext) -> Result<u32> {
    ctx.step("a", async |_| new_code()).await?;
    ctx.step("renamed", async |_| new_code()).await
}

#[tokio::test]
async fn an_execution_whose_invocation_failed_by_divergence_resumes_once_the_code_is_fixed() {
    let ledger = waiting().await;
    let broken = async |(), ctx: DurableContext| -> Result<u32> {
        ctx.on_divergence(DivergencePolicy::FailInvocation);
        renamed((), ctx).await
    };
    let fixed = async |(), ctx: DurableContext| -> Result<u32> {
        let a = ctx.step("a", async |_| new_code()).await?;
        let b = ctx.step("b", async |_| new_code()).await?;
        ctx.wait("pause", SECOND).await?;
        Ok(a + b)
    };
    let calls = ledger.calls();

    let error = ledger.invoke(&broken).await.unwrap_err();

    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("expected STEP `b`, got STEP `renamed` (renamed)"), "{cause}");
    assert_eq!(ledger.calls(), calls, "nothing was checkpointed");
    assert_eq!(result(ledger.run(&fixed).await), "3");
}

#[tokio::test]
async fn the_policy_of_divergences_can_be_that_of_the_entry_point() {
    let ledger = waiting().await;
    let invocation =
        || Invocation::new(ledger.input(), lambda_context()).on_divergence(DivergencePolicy::FailInvocation);
    let own = async |(), ctx: DurableContext| -> Result<u32> {
        ctx.on_divergence(DivergencePolicy::FailExecution);
        renamed((), ctx).await
    };

    invocation().drive(&ledger, &renamed).await.unwrap_err();
    let (error_type, _) = error(invocation().drive(&ledger, &own).await.unwrap());

    assert_eq!(error_type, "NonDeterministicExecutionError");
}
