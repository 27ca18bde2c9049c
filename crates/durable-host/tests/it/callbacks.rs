//! Timeouts of callbacks, with millisecond accuracy.

use std::sync::Arc;
use std::time::Duration;

use durable_host::logs::MemoryLog;
use durable_host::store::{Append, EventStore, MemoryStore};
use durable_host::{ExecutionStart, Host, HostSettings};
use durable_service::CallbackAnswer;
use durable_types::DurableExecutionArn;
use tokio::time::sleep;

use crate::clock::{VirtualClock, run};
use crate::functions::{Functions, Ledger};
use crate::heartbeats;

/// An execution that waits for the answer to its callback.
struct Approval {
    store: Arc<MemoryStore>,
    clock: Arc<VirtualClock>,
    ledger: Arc<Ledger>,
    host: Host,
    arn: DurableExecutionArn,
}

impl Approval {
    async fn start() -> Self {
        let (store, clock, ledger) =
            (Arc::default(), Arc::new(VirtualClock::new()), Arc::<Ledger>::default());
        let host = host(&store, &clock, &ledger);
        let arn = host.start(ExecutionStart::new("approve")).await.unwrap().arn;
        while ledger.callbacks.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        Self { store, clock, ledger, host, arn }
    }

    async fn heartbeat(&self) {
        let id = self.ledger.callbacks.lock().unwrap()[self.arn.as_str()].clone();
        self.host.callback(id, CallbackAnswer::Heartbeat).await.unwrap().unwrap();
    }

    /// Returns the recorded events, and the number of heartbeats among them.
    async fn recorded(&self) -> (usize, usize) {
        let events = self.host.export(&self.arn).await.unwrap().unwrap();
        (events.len(), heartbeats::recorded(&events).len())
    }

    async fn restart(&mut self) {
        self.host.abort();
        self.host = host(&self.store, &self.clock, &self.ledger);
        self.host.resume_all().await.unwrap();
    }

    /// Returns the time between the start and the failure of the execution, and the error type.
    async fn failed(&self) -> (Duration, String) {
        let closed = self.host.wait_closed(&self.arn).await.unwrap();
        let times = |execution: &durable_service::Execution| {
            execution.end_timestamp().unwrap().saturating_since(execution.start_timestamp())
        };
        let error = closed.error.as_ref().unwrap();
        let after = self.host.read(&self.arn, times).await.unwrap().unwrap();
        (after, error.error_type.clone().unwrap())
    }
}

fn host(store: &Arc<MemoryStore>, clock: &Arc<VirtualClock>, ledger: &Arc<Ledger>) -> Host {
    let edges = |functions: Arc<Functions>| {
        let mut edges =
            HostSettings::new(Arc::<MemoryStore>::clone(store), Arc::new(MemoryLog::new(1_024)), functions);
        edges.clock = Arc::<VirtualClock>::clone(clock);
        edges
    };
    Functions::host(edges, ledger)
}

#[test]
fn a_callback_without_a_heartbeat_fails_after_the_heartbeat_timeout() {
    run(async {
        let approval = Approval::start().await;

        assert_eq!(approval.failed().await, (Duration::from_secs(10), "Callback.Heartbeat".to_owned()));
    });
}

#[test]
fn a_heartbeat_restarts_the_heartbeat_timeout() {
    run(async {
        let approval = Approval::start().await;
        for _ in 0..3 {
            sleep(Duration::from_secs(9)).await;
            approval.heartbeat().await;
        }

        assert_eq!(approval.failed().await, (Duration::from_secs(37), "Callback.Heartbeat".to_owned()));
    });
}

#[test]
fn heartbeats_do_not_extend_the_timeout_of_the_callback() {
    run(async {
        let approval = Approval::start().await;
        for _ in 0..11 {
            sleep(Duration::from_secs(5)).await;
            approval.heartbeat().await;
        }

        assert_eq!(approval.failed().await, (Duration::from_secs(60), "Callback.Timeout".to_owned()));
    });
}

#[test]
fn a_heartbeat_counts_after_a_restart() {
    run(async {
        let mut approval = Approval::start().await;
        sleep(Duration::from_secs(9)).await;
        approval.heartbeat().await;

        approval.restart().await;

        assert_eq!(approval.failed().await, (Duration::from_secs(19), "Callback.Heartbeat".to_owned()));
    });
}

#[test]
fn a_thousand_heartbeats_add_one_event_and_the_last_one_counts() {
    run(async {
        let mut approval = Approval::start().await;
        let (before, _) = approval.recorded().await;

        for index in 0..1_000 {
            sleep(Duration::from_millis(40)).await;
            approval.heartbeat().await;
            if index == 500 {
                approval.restart().await;
            }
        }

        assert_eq!(approval.recorded().await, (before + 1, 1));
        assert_eq!(approval.failed().await, (Duration::from_secs(50), "Callback.Heartbeat".to_owned()));
    });
}

#[test]
fn a_record_that_contains_many_heartbeats_grows_no_further() {
    run(async {
        let mut approval = Approval::start().await;
        sleep(Duration::from_secs(9)).await;
        approval.heartbeat().await;
        let (events, _) = approval.recorded().await;
        let last = approval.store.last_events(approval.arn.execution_id(), 1).await.unwrap();
        let earlier_version = Append {
            execution_id: approval.arn.execution_id().to_owned(),
            first_sequence: u64::try_from(events).unwrap() + 1,
            events: vec![last[0].clone(); 5],
            ..Append::default()
        };
        approval.host.stop().await;
        approval.store.append(earlier_version).await.unwrap();
        approval.restart().await;

        for _ in 0..3 {
            sleep(Duration::from_secs(9)).await;
            approval.heartbeat().await;
        }

        assert_eq!(approval.recorded().await, (events + 5, 6));
        assert_eq!(approval.failed().await, (Duration::from_secs(46), "Callback.Heartbeat".to_owned()));
    });
}
