//! Which operation is which, and whether the code is being replayed.

use std::pin::pin;
use std::sync::Mutex;
use std::time::Duration;

use durable_core::driver::Invocation;
use durable_core::operation::UNNAMED;
use durable_core::retry::RetryStrategy;
use durable_core::transport::{Transport, TransportError};
use durable_core::types::InvocationOutput;
use durable_core::{DurableContext, Result};
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};

use crate::ledger::{Ledger, error, lambda_context, result};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn an_operation_has_its_identity_from_when_its_future_is_made() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<u32>> {
        let mut first = pin!(ctx.step("work", async |_| Ok(1)).into_future());
        let mut second = pin!(ctx.step("work", async |_| Ok(2)).into_future());
        // The other way round on replay.
        let (a, b) = if ctx.is_replaying() {
            (first.as_mut().await?, second.as_mut().await?)
        } else {
            let b = second.as_mut().await?;
            (first.as_mut().await?, b)
        };
        ctx.wait("pause", SECOND).await?;
        Ok(vec![a, b])
    };

    assert_eq!(result(ledger.run(&handler).await), "[1,2]");
}

#[tokio::test]
async fn the_operations_after_a_batch_are_the_same_on_replay_as_before() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(Vec<String>, String)> {
        let work =
            async |ctx: DurableContext, place: &str| ctx.step("work", async |_| Ok(place.to_owned())).await;
        let both = ctx
            .parallel("both")
            .branch(UNNAMED, async |ctx| work(ctx, "left").await)
            .branch(UNNAMED, async |ctx| work(ctx, "right").await);
        let both = both.await?.into_result()?;
        let after = work(ctx.clone(), "after").await?;
        ctx.wait("pause", SECOND).await?;
        Ok((both, after))
    };

    assert_eq!(result(ledger.run(&handler).await), r#"[["left","right"],"after"]"#);
}

#[tokio::test]
async fn replaying_ends_with_the_last_record_of_each_context() {
    static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let tell = |place: &str, ctx: &DurableContext| {
            TOLD.lock().unwrap().push(format!("{place} {}", ctx.is_replaying()));
        };
        tell("begin", &ctx);
        let child = ctx.run_in_child_context("child", async |child| {
            tell("inside", &child);
            child.wait("pause", SECOND).await?;
            tell("paused", &child);
            Ok(())
        });
        let beside = async {
            ctx.step("work", async |_| Ok(())).await?;
            tell("worked", &ctx);
            ctx.wait("rest", SECOND).await?;
            tell("rested", &ctx);
            Ok(())
        };
        let (child, beside) = tokio::join!(child.into_future(), beside);
        child?;
        beside
    };

    assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);
    let first = std::mem::take(&mut *TOLD.lock().unwrap());
    ledger.run(&handler).await;

    assert_eq!(first, ["begin false", "inside false", "worked false"]);
    // Without timestamps, results come in the order of their ids. The handler has records left after the step.
    let second = ["begin true", "inside true", "worked true", "paused false", "rested false"];
    assert_eq!(*TOLD.lock().unwrap(), second);
}

#[tokio::test(start_paused = true)]
async fn divergence_inside_a_batch_that_tolerates_failures_cannot_be_caught() {
    let names = Mutex::new("before");
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let items = ctx.map("items", 0..3, async |ctx, item: usize, _| {
            let name = if item == 1 { *names.lock().unwrap() } else { "work" };
            ctx.step(name, async |_| Ok(())).retry(RetryStrategy::none()).await?;
            ctx.wait("pause", SECOND).await
        });
        Ok(items.tolerated_failure_count(3).await?.len())
    };
    assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);
    *names.lock().unwrap() = "after";

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "NonDeterministicExecutionError");
    assert!(message.contains("`before`") && message.contains("`after`"), "{message}");
}

/// Keeps everything for later pages, the record of the execution and its input included.
struct Late(Ledger, durable_types::InvocationInput);

impl Transport for Late {
    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        self.0.checkpoint(request).await
    }

    async fn get_state(&self, request: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        let operations = match request.marker.as_deref() {
            Some("1") => {
                return Ok(GetStateResponse::new(Vec::new(), Some("2".into())));
            }
            _ => self.1.initial_execution_state.operations.clone(),
        };
        Ok(GetStateResponse::new(operations, None))
    }
}

#[tokio::test]
async fn an_input_that_comes_after_pages_without_operations_is_found() {
    let ledger = Ledger::new(&"late");
    let handler = async |event: String, ctx: DurableContext| -> Result<String> {
        ctx.step("echo", async |_| Ok(event.clone())).await
    };
    let whole = ledger.input();
    let mut first = whole.clone();
    first.initial_execution_state.operations.clear();
    first.initial_execution_state.next_marker = Some("1".into());

    let output =
        Invocation::new(first, lambda_context()).drive(&Late(ledger, whole), &handler).await.unwrap();

    assert_eq!(result(output), "\"late\"");
}
