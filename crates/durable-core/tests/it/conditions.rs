//! Conditions that are interrupted, or whose record is not what it was.

use std::ops::ControlFlow::{Break, Continue};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::driver::Invocation;
use durable_core::retry::WaitStrategy;
use durable_core::types::{InvocationOutput, OperationStatus};
use durable_core::{DurableContext, Result};

use crate::ledger::{Ledger, error, lambda_context, result};

static CHECKS: AtomicU32 = AtomicU32::new(0);

async fn counting(_: (), ctx: DurableContext) -> Result<u32> {
    let check = async |count: u32, _| {
        CHECKS.fetch_add(1, Ordering::SeqCst);
        Ok(if count < 2 { Continue(count + 1) } else { Break(count) })
    };
    let counted = ctx.wait_for_condition("count", 0, check);
    counted.strategy(WaitStrategy::fixed(Duration::from_secs(1))).await
}

#[tokio::test]
async fn a_condition_is_not_checked_before_its_time_has_come() {
    let ledger = Ledger::new(&());
    ledger.invoke(&counting).await.unwrap();
    let checks = CHECKS.load(Ordering::SeqCst);
    let mut early = ledger.input();
    for operation in &mut early.initial_execution_state.operations {
        if operation.status == OperationStatus::Ready {
            operation.status = OperationStatus::Pending;
        }
    }

    let output = Invocation::new(early, lambda_context()).drive(&ledger, &counting).await.unwrap();

    assert_eq!(output, InvocationOutput::Pending);
    assert_eq!(CHECKS.load(Ordering::SeqCst), checks);
    assert_eq!(result(ledger.run(&counting).await), "2");
}

#[tokio::test]
async fn a_state_that_cannot_be_read_is_an_error_and_not_the_first_state() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let check = async |count: u32, _| Ok(if count < 9 { Continue(count + 1) } else { Break(count) });
        ctx.wait_for_condition("count", 0, check).await
    };
    ledger.invoke(&handler).await.unwrap();
    ledger.amend("count", |count| count.step_details_mut().unwrap().result = Some("many".into()));

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "SerdesError");
    assert!(message.contains("`count`"), "{message}");
}

#[tokio::test]
async fn the_state_survives_an_invocation_that_dies_while_it_is_checked() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<u32>> {
        let check = async |seen: Vec<u32>, step: durable_core::StepContext| {
            let seen = [seen, vec![step.attempt()]].concat();
            Ok(if seen.len() < 3 { Continue(seen) } else { Break(seen) })
        };
        ctx.wait_for_condition("seen", Vec::new(), check).await
    };
    ledger.invoke(&handler).await.unwrap();
    // The second check had begun, and its invocation ended before it was recorded.
    ledger.amend("seen", |seen| seen.status = OperationStatus::Started);

    assert_eq!(result(ledger.run(&handler).await), "[1,2,3]");
}
