//! Executions over a store that fails, stalls and loses power: nothing acknowledged is lost, nothing runs twice at once,
//! and every execution ends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use durable_host::logs::MemoryLog;
use durable_host::{ExecutionStart, Host, HostSettings};
use durable_service::Execution;
use durable_types::{DurableExecutionArn, ExecutionStatus};
use proptest::prelude::*;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::clock::{VirtualClock, run};
use crate::failing_store::{FailingStore, Random};
use crate::functions::{Functions, Ledger};
use crate::heartbeats::{Heartbeats, Receiver};

/// The limit on the virtual time of executions once the store has recovered.
const PATIENCE: Duration = Duration::from_secs(3_600);

fn process(store: FailingStore, ledger: &Arc<Ledger>, clock: &Arc<VirtualClock>) -> Host {
    let edges = |functions: Arc<Functions>| {
        let mut edges = HostSettings::new(Arc::new(store), Arc::new(MemoryLog::new(1_024)), functions);
        edges.clock = Arc::<VirtualClock>::clone(clock);
        edges.rules.max_handler_errors = None;
        edges
    };
    Functions::host(edges, ledger)
}

/// Retries the starts of executions until they are acknowledged.
async fn start(host: &Host, function: &str, name: &str) -> DurableExecutionArn {
    loop {
        let start = ExecutionStart { execution_name: Some(name.to_owned()), ..ExecutionStart::new(function) };
        match host.start(start).await {
            Ok(started) => return started.arn,
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Ends the task that sends heartbeats to a process, which panics if one is lost.
async fn stop(mut beats: JoinSet<()>) {
    beats.abort_all();
    while let Some(ended) = beats.join_next().await {
        assert!(ended.is_err_and(|error| error.is_cancelled()), "a heartbeat is lost");
    }
}

async fn resume_all(host: &Host) {
    while host.resume_all().await.is_err() {
        sleep(Duration::from_millis(50)).await;
    }
}

/// The final record of an execution.
async fn recorded(host: &Host, arn: &DurableExecutionArn) -> Execution {
    let events = host.export(arn).await.unwrap().unwrap_or_else(|| panic!("{arn} is lost"));
    Execution::replay(events).unwrap()
}

/// Asserts that the callback of an execution of `approve` timed out, and not too early.
fn assert_timed_out(execution: &Execution, heartbeats: &Heartbeats) {
    let arn = execution.arn();
    let callback = execution.operation("approval").unwrap();
    let (start, end) = (callback.start_timestamp.unwrap(), callback.end_timestamp.unwrap());
    let error = execution.error().and_then(|error| error.error_type.clone()).unwrap_or_default();
    let (alive, lasts) = match error.as_str() {
        "Callback.Timeout" => (start, 60),
        "Callback.Heartbeat" => (heartbeats.last(arn.as_str()).unwrap_or(start), 10),
        error => panic!("{arn} failed with {error}"),
    };
    assert!(end.saturating_since(alive) >= Duration::from_secs(lasts), "{arn} timed out too early: {error}");
}

/// Asserts that all executions end as expected.
async fn assert_ended(
    host: &Host,
    executions: &BTreeMap<String, DurableExecutionArn>,
    heartbeats: &Heartbeats,
) {
    for arn in executions.values() {
        let closed = timeout(PATIENCE, wait_closed(host, arn)).await;
        let closed = closed.unwrap_or_else(|_| panic!("{arn} does not end"));
        if arn.function_name() == "approve" {
            assert_eq!(closed.0, ExecutionStatus::Failed);
            assert_timed_out(&recorded(host, arn).await, heartbeats);
        } else {
            assert_eq!(closed, (ExecutionStatus::Succeeded, Some("\"done\"".to_owned())));
        }
    }
}

/// Runs executions over a store with this many faults and power failures, while heartbeats arrive at random times.
async fn schedule(seed: u64, executions: usize, faults: usize, cuts: usize) {
    let (clock, ledger) = (Arc::new(VirtualClock::new()), Arc::new(Ledger::default()));
    let mut random = Random::new(seed ^ 0xc0de);
    let mut store = FailingStore::new(seed, faults);
    let mut host = process(store.clone(), &ledger, &clock);
    let (mut acknowledged, heartbeats) = (BTreeMap::new(), Arc::new(Heartbeats::default()));
    for cut in 0..=cuts {
        resume_all(&host).await;
        let receiver = Receiver { host: host.clone(), store: store.clone(), clock: Arc::clone(&clock) };
        let mut beats = JoinSet::new();
        let (alive, callbacks) = (Arc::clone(&heartbeats), Arc::clone(&ledger));
        beats.spawn(async move { alive.keep_alive(&receiver, &callbacks, seed).await });
        let starts = async {
            let orders = (0..executions).map(|index| ("order", format!("order-{index}")));
            for (function, name) in orders.chain([("approve", "approval".to_owned())]) {
                let arn = start(&host, function, &name).await;
                let before = acknowledged.insert(name, arn.clone());
                assert!(before.is_none_or(|before| before == arn), "a name has two executions");
            }
        };
        let lasts = Duration::from_millis(1 << random.below(17));
        if cut == cuts {
            starts.await;
            store.repair();
            assert_ended(&host, &acknowledged, &heartbeats).await;
            stop(beats).await;
            break;
        }
        // The power fails while requests are in flight.
        let _ = timeout(lasts, async { tokio::join!(starts, std::future::pending::<()>()) }).await;
        store = store.cut_power();
        stop(beats).await;
        host.stop().await;
        heartbeats.assert_all_on_disk(&store).await;
        host = process(store.clone(), &ledger, &clock);
    }
    heartbeats.assert_all_on_disk(&store).await;
    assert_eq!(*ledger.twice.lock().unwrap(), [""; 0], "two invocations at once");
    let acknowledged = ledger.acknowledged.lock().unwrap().clone();
    for (arn, steps) in acknowledged {
        let arn = arn.parse().unwrap();
        let execution = recorded(&host, &arn).await;
        for step in steps {
            assert!(
                execution.operation(&step).is_some(),
                "step {step} of {arn} was acknowledged and is lost"
            );
        }
    }
    host.stop().await;
}

/// Waits for an execution, and retries after errors as a client does.
async fn wait_closed(host: &Host, arn: &DurableExecutionArn) -> (ExecutionStatus, Option<String>) {
    loop {
        match host.wait_closed(arn).await {
            Ok(closed) => return (closed.status.clone(), closed.result.clone()),
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

#[test]
fn executions_succeed_over_a_store_that_behaves() {
    run(schedule(1, 3, 0, 0));
}

#[test]
fn executions_continue_after_a_loss_of_power() {
    run(schedule(2, 3, 0, 4));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_acknowledged_is_lost_and_every_execution_ends(
        seed in any::<u64>(),
        executions in 1_usize..4,
        faults in 0_usize..40,
        cuts in 0_usize..5,
    ) {
        run(schedule(seed, executions, faults, cuts));
    }
}
