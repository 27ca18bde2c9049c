//! Commands of many clients at random times, over a faulty store and busy functions: every execution ends as expected,
//! and every acknowledgement holds.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use durable_host::logs::MemoryLog;
use durable_host::store::ExecutionFilter;
use durable_host::{ExecutionStart, Host, HostSettings};
use durable_service::{CallbackAnswer, Command, Reply};
use durable_types::api::{PauseRequest, ResumeRequest};
use durable_types::{DurableExecutionArn, ExecutionStatus};

use proptest::prelude::*;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::clock::{VirtualClock, run};
use crate::failing_store::{FailingStore, Random};
use crate::functions::{Functions, Ledger};
use crate::heartbeats::{Heartbeats, Receiver};

/// A limit on virtual time that exceeds every timeout and retry.
const PATIENCE: Duration = Duration::from_secs(24 * 3_600);

const CLIENTS: u64 = 6;
const COMMANDS: usize = 25;

/// The acknowledged requests.
#[derive(Debug, Default)]
struct Acknowledged {
    /// The executions by function and name.
    names: Mutex<BTreeMap<(String, String), DurableExecutionArn>>,
    /// The answers to callbacks that were accepted, by execution.
    answers: Mutex<BTreeMap<String, Vec<u64>>>,
    heartbeats: Heartbeats,
    /// The executions whose deletion was requested.
    deleted: Mutex<Vec<DurableExecutionArn>>,
}

struct Client {
    host: Host,
    receiver: Receiver,
    random: Random,
    ledger: Arc<Ledger>,
    acknowledged: Arc<Acknowledged>,
}

impl Client {
    async fn run(mut self) {
        for _ in 0..COMMANDS {
            sleep(Duration::from_millis(1 << self.random.below(15))).await;
            let step = self.step();
            timeout(PATIENCE, step).await.expect("a request is never answered");
        }
    }

    async fn any(&mut self) -> Option<DurableExecutionArn> {
        let rows = self.host.list(ExecutionFilter::default(), 1_000).await.ok()?.executions;
        let index = self.random.below(u64::try_from(rows.len().max(1)).unwrap());
        rows.get(usize::try_from(index).unwrap()).map(|row| row.arn.parse().unwrap())
    }

    async fn step(&mut self) {
        let function = ["order", "ask", "quick"][usize::try_from(self.random.below(3)).unwrap()];
        let action = self.random.below(14);
        if action < 3 {
            return self.start(function).await;
        }
        let Some(arn) = self.any().await else { return };
        match action {
            3 => self.stop(&arn).await,
            4 | 5 => {
                let pause = Command::Pause(PauseRequest::new(arn.as_str()));
                let _ = self.host.command(&arn, pause).await;
                sleep(Duration::from_millis(1 << self.random.below(14))).await;
                self.resume(&arn).await;
            }
            6 => self.resume(&arn).await,
            7 => self.delete(&arn).await,
            8 | 9 => self.answer().await,
            10 => self.watch(&arn).await,
            11 | 12 => self.beat().await,
            _ => {
                let patience = Duration::from_millis(1 << self.random.below(16));
                let _ = timeout(patience, self.host.wait_closed(&arn)).await;
            }
        }
    }

    async fn start(&mut self, function: &str) {
        let name = format!("n{}", self.random.below(4));
        let start = ExecutionStart { execution_name: Some(name.clone()), ..ExecutionStart::new(function) };
        let Ok(started) = self.host.start(start).await else { return };
        let mut names = self.acknowledged.names.lock().unwrap();
        let before = names.insert((function.to_owned(), name), started.arn.clone());
        let deleted = self.acknowledged.deleted.lock().unwrap();
        if let Some(before) = before.filter(|before| *before != started.arn) {
            assert!(deleted.contains(&before), "a name has two executions: {before} and {}", started.arn);
        }
    }

    async fn stop(&mut self, arn: &DurableExecutionArn) {
        if let Ok(Some(Reply::Stopped(_))) = self.host.command(arn, Command::Stop { error: None }).await {
            let read = self.host.read(arn, |execution| execution.is_closed()).await;
            assert_ne!(read.ok().flatten(), Some(false), "{arn} was stopped and has not ended");
        }
    }

    async fn resume(&self, arn: &DurableExecutionArn) {
        let _ = self.host.command(arn, Command::Resume(ResumeRequest::new(arn.as_str()))).await;
    }

    async fn delete(&self, arn: &DurableExecutionArn) {
        // A concurrent start may observe the deletion before it is acknowledged.
        self.acknowledged.deleted.lock().unwrap().push(arn.clone());
        let _ = self.host.command(arn, Command::Delete).await;
    }

    /// Returns a callback: its execution and its id.
    fn any_callback(&mut self) -> Option<(String, String)> {
        let callbacks: Vec<_> = self.ledger.callbacks.lock().unwrap().clone().into_iter().collect();
        let index = self.random.below(u64::try_from(callbacks.len().max(1)).unwrap());
        callbacks.get(usize::try_from(index).unwrap()).cloned()
    }

    async fn beat(&mut self) {
        let Some((arn, id)) = self.any_callback() else { return };
        self.acknowledged.heartbeats.send(&self.receiver, &arn, &id).await;
    }

    async fn answer(&mut self) {
        let Some((arn, id)) = self.any_callback() else { return };
        let answer = self.random.below(1_000);
        let command = CallbackAnswer::Succeeded(Some(answer.to_string()));
        if let Ok(Some(_)) = self.host.callback(id, command).await {
            self.acknowledged.answers.lock().unwrap().entry(arn).or_default().push(answer);
        }
    }

    /// Asserts that every event is observed once and in order.
    async fn watch(&mut self, arn: &DurableExecutionArn) {
        let Ok(mut watch) = self.host.watch(arn).await else { return };
        let patience = Duration::from_millis(1 << self.random.below(16));
        let mut next = 1;
        let _ = timeout(patience, async {
            while let Ok(Some(events)) = watch.next().await {
                for event in events {
                    assert_eq!(event.event_id, next, "{arn}");
                    next += 1;
                }
            }
        })
        .await;
    }
}

async fn storm(seed: u64, faults: usize, capacity: usize) {
    let (clock, ledger) = (Arc::new(VirtualClock::new()), Arc::new(Ledger::default()));
    let store = FailingStore::new(seed, faults);
    let edges = |functions: Arc<Functions>| {
        let mut edges =
            HostSettings::new(Arc::new(store.clone()), Arc::new(MemoryLog::new(1_024)), functions);
        edges.clock = Arc::<VirtualClock>::clone(&clock);
        edges.rules.max_handler_errors = None;
        edges
    };
    let host = Functions::host_with_capacity(edges, &ledger, capacity);
    host.sweep_regularly();
    let acknowledged = Arc::new(Acknowledged::default());
    let mut clients = JoinSet::new();
    let receiver = Receiver { host: host.clone(), store: store.clone(), clock: Arc::clone(&clock) };
    for index in 0..CLIENTS {
        let (host, receiver) = (host.clone(), receiver.clone());
        let random = Random::new(seed.wrapping_mul(31).wrapping_add(index));
        let (ledger, acknowledged) = (Arc::clone(&ledger), Arc::clone(&acknowledged));
        clients.spawn(Client { host, receiver, random, ledger, acknowledged }.run());
    }
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    store.repair();
    sleep(Duration::from_secs(60)).await;
    for row in host.list(ExecutionFilter::default(), 1_000).await.unwrap().executions {
        let arn: DurableExecutionArn = row.arn.parse().unwrap();
        let _ = host.command(&arn, Command::Resume(ResumeRequest::new(arn.as_str()))).await;
    }
    acknowledged.heartbeats.assert_all_on_disk(&store).await;
    for row in host.list(ExecutionFilter::default(), 1_000).await.unwrap().executions {
        let arn: DurableExecutionArn = row.arn.parse().unwrap();
        check(&host, &arn, &acknowledged).await;
    }
    assert_eq!(*ledger.twice.lock().unwrap(), [""; 0], "two invocations at once");
    host.stop().await;
}

async fn check(host: &Host, arn: &DurableExecutionArn, acknowledged: &Acknowledged) {
    let closed = timeout(PATIENCE, host.wait_closed(arn)).await;
    let closed = closed.unwrap_or_else(|_| panic!("{arn} does not end"));
    let closed = closed.unwrap_or_else(|error| panic!("{arn} is lost: {error}"));
    let error_type = closed.error.as_ref().and_then(|error| error.error_type.as_deref());
    match (&closed.status, arn.function_name()) {
        (ExecutionStatus::Succeeded, "ask") => {
            let answers = acknowledged.answers.lock().unwrap().get(arn.as_str()).cloned();
            let result = closed.result.as_deref().and_then(|result| result.parse::<u64>().ok());
            // The acknowledgement may be lost although the answer was accepted.
            let accepted = result.as_slice();
            assert!(answers.is_none_or(|answers| answers == accepted), "{arn} has {accepted:?}");
        }
        (ExecutionStatus::Succeeded | ExecutionStatus::Stopped, _) => {}
        // Its callee was stopped.
        (ExecutionStatus::Failed, "order") if error_type == Some("Call") => {}
        (status, _) => panic!("{arn}: {status:?} {error_type:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_execution_ends_as_acknowledged_whatever_clients_request(
        seed in any::<u64>(),
        faults in 0_usize..60,
        capacity in 1_usize..4,
    ) {
        run(storm(seed, faults, capacity));
    }
}
