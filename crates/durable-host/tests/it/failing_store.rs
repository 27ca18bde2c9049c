//! A store that injects failures, stalls and power failures.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use durable_host::store::{
    Append, EventStore, ExecutionFilter, ExecutionPage, ExecutionRow, Expiry, MemoryStore, StoreError,
    StoreErrorKind, Stored, Unfinished,
};
use durable_service::Event;
use durable_types::Timestamp;
use tokio::time::sleep;

/// A store whose calls fail and stall at random. Acknowledged appends survive a power failure; appends that were
/// written but not acknowledged may or may not survive it.
#[derive(Clone, Debug)]
pub(crate) struct FailingStore {
    disk: Arc<MemoryStore>,
    faults: Arc<Mutex<Faults>>,
    /// The process that uses it. Calls of earlier processes have no effect.
    process: usize,
}

#[derive(Debug)]
struct Faults {
    random: Random,
    /// The number of faults left to inject.
    left: usize,
    /// The fates of the next calls.
    planned: VecDeque<Fault>,
    process: usize,
}

/// The fate of a call.
#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    Panics,
    FailsBefore,
    FailsAfterwards,
    StallsBefore(Duration),
    StallsAfterwards(Duration),
}

/// A xorshift generator.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Returns a number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % limit
    }
}

impl FailingStore {
    /// Creates an empty store that injects this many faults and works normally afterwards.
    pub(crate) fn new(seed: u64, faults: usize) -> Self {
        let faults = Faults { random: Random::new(seed), left: faults, planned: VecDeque::new(), process: 0 };
        Self { disk: Arc::default(), faults: Arc::new(Mutex::new(faults)), process: 0 }
    }

    /// Simulates a power failure: calls in flight have no further effect. Returns the store as the next process finds
    /// it.
    pub(crate) fn cut_power(&self) -> Self {
        let mut faults = self.faults.lock().unwrap();
        faults.process += 1;
        Self { process: faults.process, ..self.clone() }
    }

    /// Stops injecting faults.
    pub(crate) fn repair(&self) {
        self.faults.lock().unwrap().left = 0;
    }

    /// Makes the next `calls` calls panic.
    pub(crate) fn panic_next(&self, calls: usize) {
        self.faults.lock().unwrap().planned.extend(vec![Fault::Panics; calls]);
    }

    /// Makes the next `calls` calls stall.
    pub(crate) fn stall_next(&self, calls: usize, stall: Duration) {
        self.faults.lock().unwrap().planned.extend(vec![Fault::StallsBefore(stall); calls]);
    }

    /// Returns the durable events of an execution, regardless of injected faults.
    pub(crate) async fn on_disk(&self, execution_id: &str) -> Vec<Event> {
        let texts = self.disk.events(execution_id, 0, u64::MAX).await.unwrap();
        texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    fn fault(&self) -> Fault {
        let mut faults = self.faults.lock().unwrap();
        if let Some(fault) = faults.planned.pop_front() {
            return fault;
        }
        if faults.left == 0 || faults.random.below(3) > 0 {
            return Fault::None;
        }
        faults.left -= 1;
        let stall = Duration::from_millis(1 << faults.random.below(14));
        match faults.random.below(4) {
            0 => Fault::FailsBefore,
            1 => Fault::FailsAfterwards,
            2 => Fault::StallsBefore(stall),
            _ => Fault::StallsAfterwards(stall),
        }
    }

    async fn call<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let fault = self.fault();
        match fault {
            Fault::Panics => panic!("the disk is on fire"),
            Fault::FailsBefore => return Err(failure("the disk is full")),
            Fault::StallsBefore(stall) => sleep(stall).await,
            Fault::None | Fault::FailsAfterwards | Fault::StallsAfterwards(_) => {}
        }
        if self.process != self.faults.lock().unwrap().process {
            std::future::pending::<()>().await;
        }
        let result = call.await;
        match fault {
            Fault::FailsAfterwards => return result.and(Err(failure("the lock is held by another program"))),
            Fault::StallsAfterwards(stall) => sleep(stall).await,
            Fault::None | Fault::Panics | Fault::FailsBefore | Fault::StallsBefore(_) => {}
        }
        result
    }
}

fn failure(message: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Transient, message)
}

impl EventStore for FailingStore {
    fn append(&self, append: Append) -> Stored<'_, ()> {
        Box::pin(self.call(async { self.disk.append(append).await }))
    }

    fn delete<'a>(&'a self, execution_id: &'a str) -> Stored<'a, ()> {
        Box::pin(self.call(async { self.disk.delete(execution_id).await }))
    }

    fn execution<'a>(&'a self, execution_id: &'a str) -> Stored<'a, Option<ExecutionRow>> {
        Box::pin(self.call(async { self.disk.execution(execution_id).await }))
    }

    fn execution_by_name<'a>(
        &'a self,
        function_name: &'a str,
        execution_name: &'a str,
    ) -> Stored<'a, Option<ExecutionRow>> {
        Box::pin(self.call(async { self.disk.execution_by_name(function_name, execution_name).await }))
    }

    fn events<'a>(&'a self, execution_id: &'a str, after: u64, limit: u64) -> Stored<'a, Vec<String>> {
        Box::pin(self.call(async move { self.disk.events(execution_id, after, limit).await }))
    }

    fn last_events<'a>(&'a self, execution_id: &'a str, limit: u64) -> Stored<'a, Vec<String>> {
        Box::pin(self.call(async move { self.disk.last_events(execution_id, limit).await }))
    }

    fn unfinished(&self) -> Stored<'_, Vec<Unfinished>> {
        Box::pin(self.call(async { self.disk.unfinished().await }))
    }

    fn expired(&self, now: Timestamp, after: Option<Expiry>, limit: u32) -> Stored<'_, Vec<Expiry>> {
        Box::pin(self.call(async move { self.disk.expired(now, after, limit).await }))
    }

    fn execution_at(&self, expiry: Expiry) -> Stored<'_, Option<ExecutionRow>> {
        Box::pin(self.call(async move { self.disk.execution_at(expiry).await }))
    }

    fn beginning_with<'a>(
        &'a self,
        prefix: &'a str,
        function_name: Option<&'a str>,
        limit: usize,
    ) -> Stored<'a, Vec<ExecutionRow>> {
        Box::pin(self.call(async move { self.disk.beginning_with(prefix, function_name, limit).await }))
    }

    fn list(&self, filter: ExecutionFilter, limit: usize) -> Stored<'_, ExecutionPage> {
        Box::pin(self.call(async move { self.disk.list(filter, limit).await }))
    }
}
