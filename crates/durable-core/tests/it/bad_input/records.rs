//! Records that this version of the SDK does not know how to read.

use std::time::Duration;

use durable_core::types::{InvocationOutput, OperationStatus, OperationType};
use durable_core::{DurableContext, Result};

use crate::ledger::{Ledger, error};

async fn settle(_: (), ctx: DurableContext) -> Result<()> {
    ctx.step("charge", async |_| Ok(())).await?;
    ctx.wait("settle", Duration::from_secs(1)).await?;
    ctx.step("tell", async |_| Ok(())).await?;
    Ok(())
}

async fn pending() -> Ledger {
    let ledger = Ledger::new(&());
    assert_eq!(ledger.invoke(&settle).await.unwrap(), InvocationOutput::Pending);
    ledger
}

#[tokio::test]
async fn an_operation_of_a_type_that_nobody_knows_ends_the_execution_and_is_named() {
    let ledger = pending().await;
    ledger.amend("charge", |it| it.operation_type = OperationType::Unknown("SIGNAL".into()));

    let (error_type, text) = error(ledger.run(&settle).await);

    assert_eq!(error_type, "NonDeterministicExecutionError");
    assert!(text.contains("`charge`") && text.contains("SIGNAL"), "{text}");
    assert_eq!(ledger.calls().concat().iter().filter(|update| update.contains("tell")).count(), 0);
}

#[tokio::test]
async fn an_operation_that_the_code_knows_nothing_of_ends_the_execution_and_is_named() {
    let ledger = pending().await;
    ledger.amend("settle", |it| {
        it.operation_type = OperationType::Unknown("SIGNAL".into());
        it.id = "another".into();
        it.name = Some("alarm".into());
    });

    let (error_type, text) = error(ledger.run(&settle).await);

    assert_eq!(error_type, "NonDeterministicExecutionError");
    assert!(text.contains("`alarm`") && text.contains("`settle`"), "{text}");
}

#[tokio::test]
async fn a_status_that_nobody_knows_ends_the_execution_and_names_the_operation() {
    for name in ["charge", "settle"] {
        let ledger = pending().await;
        ledger.amend(name, |it| it.status = OperationStatus::Unknown("DREAMING".into()));

        let (_, text) = error(ledger.invoke(&settle).await.unwrap());

        assert!(text.contains("DREAMING"), "{name}: {text}");
    }
}
