//! Acknowledged and recorded heartbeats.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use durable_host::Host;
use durable_host::clock::Clock;
use durable_service::{CallbackAnswer, CallbackChange, Event, OperationChange};
use durable_types::Timestamp;
use durable_types::api::ServiceErrorKind;
use tokio::time::sleep;

use crate::clock::VirtualClock;
use crate::failing_store::{FailingStore, Random};
use crate::functions::Ledger;

/// The external systems that keep callbacks alive, with the request time of the last acknowledged heartbeat of each
/// execution. No execution has two callbacks.
#[derive(Debug, Default)]
pub(crate) struct Heartbeats(Mutex<BTreeMap<String, Timestamp>>);

/// A process that receives heartbeats.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) host: Host,
    pub(crate) store: FailingStore,
    pub(crate) clock: Arc<VirtualClock>,
}

impl Heartbeats {
    /// Sends a heartbeat to the callback of an execution, and returns whether it may still be open. Asserts that the
    /// heartbeat is recorded once it is acknowledged.
    pub(crate) async fn send(&self, receiver: &Receiver, arn: &str, callback_id: &str) -> bool {
        let at = receiver.clock.now();
        match receiver.host.callback(callback_id.to_owned(), CallbackAnswer::Heartbeat).await {
            Ok(Some(_)) => {
                let last = self.last(arn).map_or(at, |last| last.max(at));
                self.0.lock().unwrap().insert(arn.to_owned(), last);
                self.assert_on_disk(&receiver.store, arn).await;
                true
            }
            Ok(None) => false,
            Err(error) => error.kind != ServiceErrorKind::CallbackTimeout,
        }
    }

    /// Sends heartbeats to all callbacks at random times until it is dropped, with up to three of a callback in flight.
    pub(crate) async fn keep_alive(&self, receiver: &Receiver, ledger: &Ledger, seed: u64) {
        let send = |index| self.send_regularly(receiver, ledger, Random::new(seed.wrapping_add(index)));
        tokio::join!(send(0), send(1), send(2));
    }

    async fn send_regularly(&self, receiver: &Receiver, ledger: &Ledger, mut random: Random) {
        loop {
            let callbacks = ledger.callbacks.lock().unwrap().clone();
            for (arn, id) in callbacks {
                if !self.send(receiver, &arn, &id).await {
                    ledger.callbacks.lock().unwrap().remove(&arn);
                }
            }
            sleep(Duration::from_millis(1 << (6 + random.below(8)))).await;
        }
    }

    /// Returns the last acknowledged heartbeat of an execution.
    pub(crate) fn last(&self, arn: &str) -> Option<Timestamp> {
        self.0.lock().unwrap().get(arn).copied()
    }

    /// Asserts that no acknowledged heartbeat is lost, and that heartbeats do not grow the record.
    pub(crate) async fn assert_all_on_disk(&self, store: &FailingStore) {
        let executions: Vec<_> = self.0.lock().unwrap().keys().cloned().collect();
        for arn in executions {
            self.assert_on_disk(store, &arn).await;
        }
    }

    /// Asserts that exactly one heartbeat of an execution is recorded and that it is no older than the acknowledged
    /// one, unless the execution was deleted.
    async fn assert_on_disk(&self, store: &FailingStore, arn: &str) {
        let (_, execution_id) = arn.rsplit_once('/').unwrap();
        let (events, last) = (store.on_disk(execution_id).await, self.last(arn));
        let [at] = recorded(&events)[..] else {
            return assert!(events.is_empty(), "{arn} has no heartbeat or several: {events:?}");
        };
        assert!(Some(at) >= last, "{arn}: {last:?} was acknowledged, and {at:?} is recorded");
    }
}

/// Returns the times of the heartbeats among the events of an execution.
pub(crate) fn recorded(events: &[Event]) -> Vec<Timestamp> {
    let is_heartbeat = |event: &&Event| {
        let Event::OperationChanged(changed) = event else { return false };
        changed.change == OperationChange::Callback(CallbackChange::HeartbeatReceived)
    };
    events.iter().filter(is_heartbeat).map(Event::at).collect()
}
