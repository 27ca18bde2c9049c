//! What every update says of its operation.

use std::collections::BTreeMap;
use std::ops::ControlFlow::{Break, Continue};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::operation::UNNAMED;
use durable_core::retry::{RetryStrategy, WaitStrategy};
use durable_core::types::{OperationStatus, OperationUpdate};
use durable_core::{DurableContext, Error, Result};

use crate::ledger::{Ledger, result};

/// One operation of each kind, inside a child context.
async fn everything(_: (), ctx: DurableContext) -> Result<()> {
    ctx.run_in_child_context("outer", async |ctx| {
        let second = Duration::from_secs(1);
        let step = ctx.step("step", async |step| match step.attempt() {
            1 => Err(Error::msg("not yet")),
            _ => Ok(()),
        });
        step.retry(RetryStrategy::fixed(second)).await?;
        let failing = ctx.step("failing", async |_| Err::<(), _>(Error::msg("never")));
        failing.retry(RetryStrategy::none()).await.unwrap_err();
        ctx.wait("wait", second).await?;
        let check = async |count: u32, _| Ok(if count < 1 { Continue(count + 1) } else { Break(()) });
        ctx.wait_for_condition("condition", 0, check).strategy(WaitStrategy::fixed(second)).await?;
        ctx.run_in_child_context("child", async |_| Ok(())).await?;
        ctx.map("map", [()], async |_, (), _| Ok(())).item_names(|(), _| "item".to_owned()).await?;
        ctx.parallel("parallel").branch("branch", async |_| Ok(())).branch(UNNAMED, async |_| Ok(())).await?;
        ctx.create_callback::<()>("callback").await?.await?;
        ctx.wait_for_callback::<(), _, _>("answer", async |_, _| Ok(())).await?;
        ctx.invoke::<(), _>("call", "other", &()).await
    })
    .await?;
    Ok(())
}

async fn updates_of_everything() -> Vec<OperationUpdate> {
    let ledger = Ledger::new(&());
    let succeed = |it: &mut durable_core::types::Operation| it.status = OperationStatus::Succeeded;
    let is_begun = |name: &str| ledger.calls().concat().contains(&format!("START {name}"));
    for name in ["callback", "answer", "call"] {
        while !is_begun(name) {
            ledger.invoke(&everything).await.unwrap();
        }
        match name {
            "call" => ledger.amend(name, succeed),
            _ => ledger.amend_open_callback(succeed),
        }
    }
    assert_eq!(result(ledger.run(&everything).await), "null");
    ledger.updates().concat()
}

#[tokio::test]
async fn every_update_of_an_operation_tells_its_type_its_subtype_its_name_and_its_parent() {
    let updates = updates_of_everything().await;

    let mut operations: BTreeMap<&str, &OperationUpdate> = BTreeMap::new();
    for update in &updates {
        let first = operations.entry(&update.operation_id).or_insert(update);
        let told = |update: &OperationUpdate| {
            let OperationUpdate { operation_type, sub_type, name, parent_id, .. } = update.clone();
            (operation_type, sub_type, name, parent_id)
        };
        assert_eq!(told(first), told(update));
    }
    let mut told: Vec<_> = operations
        .values()
        .map(|first| {
            let parent = first.parent_id.as_deref().map(|id| operations[id].name.as_deref().unwrap_or("-"));
            let (name, sub_type) = (first.name.as_deref().unwrap_or("-"), first.sub_type.as_deref());
            format!("{} {} {name} in {}", first.operation_type, sub_type.unwrap(), parent.unwrap_or("-"))
        })
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            "CALLBACK Callback - in answer",
            "CALLBACK Callback callback in outer",
            "CHAINED_INVOKE ChainedInvoke call in outer",
            "CONTEXT Map map in outer",
            "CONTEXT MapIteration item in map",
            "CONTEXT Parallel parallel in outer",
            "CONTEXT ParallelBranch - in parallel",
            "CONTEXT ParallelBranch branch in parallel",
            "CONTEXT RunInChildContext child in outer",
            "CONTEXT RunInChildContext outer in -",
            "CONTEXT WaitForCallback answer in outer",
            "STEP Step - in answer",
            "STEP Step failing in outer",
            "STEP Step step in outer",
            "STEP WaitForCondition condition in outer",
            "WAIT Wait wait in outer",
        ]
    );
}

#[tokio::test]
async fn nothing_that_is_recorded_begins_again() {
    let updates = updates_of_everything().await;

    let mut begun: BTreeMap<&str, usize> = BTreeMap::new();
    for update in updates.iter().filter(|update| update.action.as_str() == "START") {
        *begun.entry(&update.operation_id).or_default() += 1;
    }
    let attempts = |id: &str| {
        let is_retry =
            |update: &&OperationUpdate| update.operation_id == id && update.action.as_str() == "RETRY";
        updates.iter().filter(is_retry).count()
    };
    assert_eq!(begun.len(), 16);
    assert!(begun.iter().all(|(id, times)| *times == 1 + attempts(id)), "{begun:?}");
}

#[tokio::test]
async fn a_context_begins_before_its_operations_and_ends_after_them() {
    let updates = updates_of_everything().await;

    let place = |id: &str, actions: &[&str]| {
        let is_meant =
            |update: &OperationUpdate| update.operation_id == id && actions.contains(&update.action.as_str());
        updates.iter().position(is_meant).unwrap()
    };
    for (at, update) in updates.iter().enumerate() {
        let Some(parent) = update.parent_id.as_deref() else { continue };
        assert!(place(parent, &["START"]) < at && at < place(parent, &["SUCCEED", "FAIL"]), "{update:?}");
    }
}

#[tokio::test]
async fn a_branch_that_fails_is_recorded_as_failed_and_not_entered_again() {
    static ENTERED: AtomicU32 = AtomicU32::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let branches = ctx
            .parallel("branches")
            .branch("bad", async |_| {
                ENTERED.fetch_add(1, Ordering::SeqCst);
                Err(Error::msg("no"))
            })
            .branch("slow", async |ctx| Ok(ctx.wait("pause", Duration::from_secs(1)).await?))
            .tolerated_failure_count(1);
        Ok(branches.await?.failure_count())
    };

    assert_eq!(result(ledger.run(&handler).await), "1");

    assert_eq!(ledger.operation("bad").status, OperationStatus::Failed);
    assert_eq!(ENTERED.load(Ordering::SeqCst), 1);
    assert_eq!(ledger.operation("branches").status, OperationStatus::Succeeded);
}
