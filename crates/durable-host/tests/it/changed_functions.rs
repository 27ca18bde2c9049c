//! Functions that are added and removed while the host runs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use durable_host::function::{Deliver, FunctionCall, FunctionInvoker, Invoking};
use durable_host::logs::MemoryLog;
use durable_host::store::MemoryStore;
use durable_host::{ExecutionApi, ExecutionStart, Host, HostSettings};
use durable_service::{FunctionCatalog, FunctionDescription, FunctionInvocation, InvocationEnd};
use durable_types::api::ServiceErrorKind;
use durable_types::{DurableExecutionArn, ErrorObject, ExecutionStatus};
use tokio::time::sleep;

use crate::clock::{VirtualClock, run};
use crate::functions::{Functions, Ledger};

/// Longer than anything that a function of these tests waits for.
const LONG: Duration = Duration::from_mins(10);

/// Functions without one of them.
struct Without {
    functions: Arc<dyn FunctionInvoker>,
    removed: &'static str,
}

impl FunctionCatalog for Without {
    fn find(&self, name: &str) -> Option<FunctionDescription> {
        self.functions.find(name).filter(|_| name != self.removed)
    }
}

impl FunctionInvoker for Without {
    fn names(&self) -> BTreeSet<String> {
        self.functions.names().into_iter().filter(|name| name != self.removed).collect()
    }

    fn invoke<'a>(
        &'a self,
        invocation: FunctionInvocation,
        api: Arc<dyn ExecutionApi>,
        deliver: Deliver<'a>,
    ) -> Invoking<'a, InvocationEnd> {
        assert_ne!(invocation.arn.function_name(), self.removed, "it does not exist");
        self.functions.invoke(invocation, api, deliver)
    }

    fn call(&self, call: FunctionCall) -> Invoking<'_, Result<Bytes, ErrorObject>> {
        self.functions.call(call)
    }
}

/// A host with a changing set of functions.
struct Changing {
    host: Host,
    ledger: Arc<Ledger>,
    all: Arc<dyn FunctionInvoker>,
}

impl Changing {
    fn new(capacity: usize) -> Self {
        let ledger = Arc::default();
        let edges = |functions: Arc<Functions>| {
            let (store, logs) = (Arc::new(MemoryStore::default()), Arc::new(MemoryLog::new(1_024)));
            let mut edges = HostSettings::new(store, logs, functions);
            edges.clock = Arc::new(VirtualClock::new());
            edges
        };
        let host = Functions::host_with_capacity(edges, &ledger, capacity);
        let all = host.functions();
        Self { host, ledger, all }
    }

    fn remove(&self, function: &'static str) {
        let functions = Arc::clone(&self.all);
        self.host.set_functions(Arc::new(Without { functions, removed: function }));
    }

    fn add_again(&self) {
        self.host.set_functions(Arc::clone(&self.all));
    }

    async fn start(&self, function: &str) -> DurableExecutionArn {
        self.host.start(ExecutionStart::new(function)).await.unwrap().arn
    }

    /// Returns the status of an execution, and whether it waits for the end of an invocation.
    async fn status(&self, arn: &DurableExecutionArn) -> (ExecutionStatus, bool) {
        let look = |execution: &durable_service::Execution| {
            (execution.status().clone(), execution.invocation_in_flight().is_some())
        };
        self.host.describe(arn, look).await.unwrap().unwrap()
    }

    async fn end(&self, arn: &DurableExecutionArn) -> ExecutionStatus {
        self.host.wait_closed(arn).await.unwrap().status.clone()
    }
}

#[test]
fn an_execution_waits_until_its_function_is_added() {
    run(async {
        let changing = Changing::new(10);
        let arn = changing.start("ship").await;
        sleep(Duration::from_secs(1)).await;
        changing.remove("ship");

        sleep(LONG).await;
        assert_eq!(changing.status(&arn).await, (ExecutionStatus::Running, true));

        changing.add_again();
        assert_eq!(changing.end(&arn).await, ExecutionStatus::Succeeded);
    });
}

#[test]
fn an_invocation_in_flight_ends_although_its_function_is_removed_and_the_next_is_not_started() {
    run(async {
        let changing = Changing::new(10);
        let arn = changing.start("ship").await;
        sleep(Duration::from_millis(10)).await;
        assert_eq!(*changing.ledger.bodies.lock().unwrap(), 0, "its step is in progress");

        changing.remove("ship");
        sleep(LONG).await;

        let acknowledged = changing.ledger.acknowledged.lock().unwrap()[arn.as_str()].clone();
        assert_eq!(acknowledged, ["label"]);
        assert!(changing.host.functions().find("ship").is_none());
        assert_eq!(changing.status(&arn).await, (ExecutionStatus::Running, true));
    });
}

#[test]
fn a_queued_invocation_waits_until_its_function_is_added_again() {
    run(async {
        let changing = Changing::new(1);
        let busy = changing.start("order").await;
        let queued = changing.start("quick").await;

        changing.remove("quick");
        assert_eq!(changing.end(&busy).await, ExecutionStatus::Succeeded);
        assert_eq!(changing.status(&queued).await, (ExecutionStatus::Running, true));

        changing.add_again();
        assert_eq!(changing.end(&queued).await, ExecutionStatus::Succeeded);
    });
}

#[test]
fn an_execution_can_start_once_its_function_is_added() {
    run(async {
        let changing = Changing::new(10);
        changing.remove("quick");

        let refused = changing.host.start(ExecutionStart::new("quick")).await.unwrap_err();
        changing.add_again();
        let arn = changing.start("quick").await;

        assert_eq!(refused.kind, ServiceErrorKind::ResourceNotFound);
        assert_eq!(changing.end(&arn).await, ExecutionStatus::Succeeded);
    });
}

#[test]
fn what_runs_on_replaced_functions_is_released_at_its_end() {
    run(async {
        let changing = Changing::new(10);
        let arn = changing.start("order").await;
        let replaced = Arc::downgrade(&changing.all);

        let functions = Functions::all(&changing.ledger);
        changing.host.set_functions(functions);
        let Changing { host, all, .. } = changing;
        drop(all);

        assert!(replaced.upgrade().is_some(), "an invocation is in flight");
        assert_eq!(host.wait_closed(&arn).await.unwrap().status, ExecutionStatus::Succeeded);
        assert!(replaced.upgrade().is_none());
    });
}
