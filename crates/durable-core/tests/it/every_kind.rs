//! What holds for operations of every kind alike.

use std::ops::ControlFlow::Break;
use std::sync::Mutex;
use std::time::Duration;

use durable_core::operation::UNNAMED;
use durable_core::retry::RetryStrategy;
use durable_core::types::{InvocationOutput, OperationStatus, OperationType};
use durable_core::{DurableContext, Error, Result};

use crate::ledger::{Ledger, result};

/// One kind of operation each, with how often it runs code of the user until it has ended.
const KINDS: [(&str, usize); 10] = [
    ("step", 1),
    ("condition", 1),
    ("child", 1),
    ("virtual", 1),
    ("map", 1),
    ("flat", 1),
    ("parallel", 1),
    ("submitter", 1),
    ("wait", 0),
    ("call", 0),
];

static RUNS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Code of the user: it counts, and does what it is asked to.
fn body(kind: &str, act: &str) -> Result<()> {
    RUNS.lock().unwrap().push(format!("{kind} {act}"));
    match act {
        "panic" => panic!("pipe burst"),
        "fail" => Err(Error::msg("pipe burst")),
        _ => Ok(()),
    }
}

fn runs(kind: &str, act: &str) -> usize {
    let run = format!("{kind} {act}");
    RUNS.lock().unwrap().iter().filter(|other| **other == run).count()
}

/// Runs an operation of this kind and tells how it failed.
async fn one(kind: &str, act: &str, ctx: &DurableContext) -> Option<String> {
    let hour = Duration::from_hours(1);
    let run = || body(kind, act);
    match kind {
        "step" => ctx.step("it", async |_| run()).retry(RetryStrategy::none()).await.err().map(text),
        "condition" => {
            let check = async |(): (), _| run().map(Break::<(), ()>);
            ctx.wait_for_condition("it", (), check).await.err().map(text)
        }
        "child" => ctx.run_in_child_context("it", async |_| run()).await.err().map(text),
        "virtual" => {
            let scope = ctx.run_in_child_context("it", async |_| run()).virtual_context();
            scope.await.err().map(text)
        }
        "map" | "flat" => {
            let items = ctx.map("it", [()], async |_, (), _| run());
            let items = if kind == "flat" { items.flat() } else { items };
            items.await.map_or_else(|error| Some(text(error)), |items| items.into_result().err().map(text))
        }
        "parallel" => {
            let branches = ctx.parallel("it").branch(UNNAMED, async |_| run());
            branches.await.map_or_else(|error| Some(text(error)), |items| items.into_result().err().map(text))
        }
        "submitter" => {
            let answer = ctx.wait_for_callback::<(), _, _>("it", async |_, _| run());
            answer.retry(RetryStrategy::none()).await.err().map(text)
        }
        "wait" => ctx.wait("it", hour).await.err().map(text),
        "callback" => match ctx.create_callback::<()>("it").await {
            Ok(callback) => callback.await.err().map(text),
            Err(error) => Some(text(error)),
        },
        _ => ctx.invoke::<(), _>("it", "other", &()).await.err().map(text),
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

async fn handler((kind, act): (String, String), ctx: DurableContext) -> Result<Option<String>> {
    let told = one(&kind, &act, &ctx).await;
    ctx.wait("pause", Duration::from_secs(1)).await?;
    Ok(told)
}

#[tokio::test]
async fn an_operation_that_was_ended_from_outside_is_an_error_and_its_code_does_not_run_again() {
    let recorded = KINDS.into_iter().filter(|(kind, _)| *kind != "virtual").chain([("callback", 0)]);
    for (kind, times) in recorded {
        for status in [OperationStatus::Cancelled, OperationStatus::TimedOut, OperationStatus::Stopped] {
            let act = status.to_string();
            let ledger = Ledger::new(&(kind, &act));
            assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);
            ledger.amend("it", |it| {
                it.status = status.clone();
                it.details.take_if(|_| it.operation_type != OperationType::Callback);
            });

            let told = result(ledger.run(&handler).await);

            assert!(told.contains(&act), "{kind}: {told}");
            assert_eq!(runs(kind, &act), times, "{kind}");
        }
    }
}

#[tokio::test]
async fn code_that_panics_is_an_error_wherever_it_runs() {
    for (kind, times) in KINDS.into_iter().filter(|(_, times)| *times > 0) {
        let ledger = Ledger::new(&(kind, "panic"));

        let told = result(ledger.run(&handler).await);

        assert!(told.contains("panicked: pipe burst"), "{kind}: {told}");
        // Virtual contexts have no record to take the place of running again.
        let times = if kind == "virtual" { 2 } else { times };
        assert_eq!(runs(kind, "panic"), times, "{kind}");
    }
}

#[tokio::test]
async fn no_stack_is_recorded_with_an_error() {
    for (kind, _) in KINDS.into_iter().filter(|(_, times)| *times > 0) {
        let ledger = Ledger::new(&(kind, "fail"));

        let told = result(ledger.run(&handler).await);

        assert!(told.contains("pipe burst"), "{kind}: {told}");
        let updates = ledger.updates().concat();
        let errors = updates.iter().filter_map(|update| update.error.as_ref());
        assert!(errors.clone().all(|error| error.stack_trace.is_none()), "{kind}");
    }
}

#[tokio::test]
async fn an_operation_that_ended_without_a_result_has_the_value_of_nothing() {
    for kind in ["step", "child", "submitter", "callback", "call", "condition"] {
        let ledger = Ledger::new(&(kind, "nothing"));
        assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);
        ledger.amend("it", |it| {
            it.status = OperationStatus::Succeeded;
            it.details.take_if(|_| it.operation_type != OperationType::Callback);
        });

        assert_eq!(result(ledger.run(&handler).await), "null", "{kind}");
    }
}
