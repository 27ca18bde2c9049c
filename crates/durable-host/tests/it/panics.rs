//! Panics of a store, of functions and of the function catalog: no caller waits forever for their results.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use durable_host::function::{Deliver, FunctionCall, FunctionInvoker, Invoking};
use durable_host::logs::MemoryLog;
use durable_host::store::MemoryStore;
use durable_host::{ExecutionApi, ExecutionStart, Host, HostSettings};
use durable_service::{Command, FunctionCatalog, FunctionDescription, FunctionInvocation, FunctionKind};
use durable_service::{InvocationEnd, InvocationHeaders};
use durable_types::api::ServiceErrorKind;
use durable_types::{ErrorObject, ExecutionStatus};
use tokio::time::{sleep, timeout};

use crate::clock::{VirtualClock, run};
use crate::failing_store::FailingStore;
use crate::functions::Functions;

/// Longer than any retry takes.
const PATIENCE: Duration = Duration::from_secs(3_600);

pub(crate) fn host(store: &FailingStore) -> Host {
    let edges = |functions: Arc<Functions>| {
        let mut edges =
            HostSettings::new(Arc::new(store.clone()), Arc::new(MemoryLog::new(1_024)), functions);
        edges.clock = Arc::new(VirtualClock::new());
        edges
    };
    Functions::host(edges, &Arc::default())
}

fn named(function: &str, name: &str) -> ExecutionStart {
    ExecutionStart { execution_name: Some(name.to_owned()), ..ExecutionStart::new(function) }
}

#[test]
fn a_request_for_which_the_store_panics_is_answered() {
    run(async {
        let store = FailingStore::new(0, 0);
        let host = host(&store);
        let arn = host.start(named("order", "a")).await.unwrap().arn;
        // The execution is passivated meanwhile.
        sleep(Duration::from_secs(10)).await;

        store.panic_next(3);
        let look_up = timeout(PATIENCE, host.start(named("quick", "b"))).await.expect("it is answered");
        let start =
            timeout(PATIENCE, host.start(ExecutionStart::new("quick"))).await.expect("it is answered");
        let stop = host.command(&arn, Command::Stop { error: None });
        let stop = timeout(PATIENCE, stop).await.expect("it is answered");

        for error in [look_up.unwrap_err(), start.unwrap_err(), stop.unwrap_err()] {
            assert_eq!(error.kind, ServiceErrorKind::Service);
            assert!(error.message.contains("the disk is on fire"), "{error:?}");
        }
        // The service recovers once the store does.
        let again = host.start(named("quick", "b")).await.unwrap();
        assert_eq!(host.wait_closed(&again.arn).await.unwrap().status, ExecutionStatus::Succeeded);
    });
}

#[test]
fn executions_expire_although_the_store_panicked_in_a_sweep() {
    run(async {
        let store = FailingStore::new(0, 0);
        let host = host(&store);
        let arn = host.start(named("quick", "a")).await.unwrap().arn;
        host.wait_closed(&arn).await.unwrap();
        host.sweep_regularly();
        sleep(Duration::from_secs(1)).await;

        // The next sweep panics.
        store.panic_next(1);
        sleep(Duration::from_secs(61)).await;
        let retention = Duration::from_secs(15 * 24 * 3_600);
        let gone = async {
            while host.row(&arn).await.unwrap().is_some() {
                sleep(Duration::from_secs(3_600)).await;
            }
        };

        timeout(retention, gone).await.expect("nothing is swept any more");
    });
}

/// Functions that panic in one of three places while a panic is enabled.
#[derive(Default)]
struct Panicking {
    finds: AtomicBool,
    invokes: AtomicBool,
}

impl FunctionCatalog for Panicking {
    fn find(&self, name: &str) -> Option<FunctionDescription> {
        assert!(!self.finds.load(Ordering::SeqCst), "the catalog is on fire");
        let kind = if name == "tax" { FunctionKind::Plain } else { FunctionKind::Durable };
        Some(FunctionDescription::new(kind))
    }
}

impl FunctionInvoker for Panicking {
    fn names(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }

    fn invoke<'a>(
        &'a self,
        _: FunctionInvocation,
        _: Arc<dyn ExecutionApi>,
        _: Deliver<'a>,
    ) -> Invoking<'a, InvocationEnd> {
        assert!(!self.invokes.load(Ordering::SeqCst), "the function is on fire");
        Box::pin(std::future::pending())
    }

    fn call(&self, _: FunctionCall) -> Invoking<'_, Result<Bytes, ErrorObject>> {
        panic!("the plain function is on fire")
    }
}

fn panicking_host() -> (Host, Arc<Panicking>) {
    let functions = Arc::<Panicking>::default();
    let (store, logs) = (Arc::<MemoryStore>::default(), Arc::new(MemoryLog::new(1_024)));
    let mut edges = HostSettings::new(store, logs, Arc::clone(&functions) as Arc<dyn FunctionInvoker>);
    edges.clock = Arc::new(VirtualClock::new());
    edges.rules.max_handler_errors = Some(1);
    (Host::new(edges), functions)
}

#[test]
fn an_invoker_that_panics_fails_the_invocation() {
    run(async {
        let (host, functions) = panicking_host();
        functions.invokes.store(true, Ordering::SeqCst);
        let arn = host.start(ExecutionStart::new("order")).await.unwrap().arn;

        let closed = timeout(PATIENCE, host.wait_closed(&arn)).await.expect("it ends").unwrap();

        let error = closed.error.clone().unwrap();
        assert_eq!(error.error_type.as_deref(), Some("Runtime.ExitError"));
        assert!(error.error_message.unwrap().contains("the function is on fire"));
    });
}

#[test]
fn an_invoker_that_panics_fails_the_call_of_a_plain_function() {
    run(async {
        let (host, _) = panicking_host();
        let call = FunctionCall {
            function_name: "tax".to_owned(),
            function_arn: host.account().function_arn("tax", "$LATEST"),
            headers: InvocationHeaders::default(),
            input: Bytes::from("1"),
        };

        let ended = host.call_function(call).await.expect("the service is not being stopped");

        assert!(ended.end.unwrap_err().error_message.unwrap().contains("the plain function is on fire"));
    });
}

#[test]
fn a_panic_that_may_leave_the_state_inconsistent_stops_the_service() {
    run(async {
        let (host, functions) = panicking_host();
        let arn = host.start(ExecutionStart::new("order")).await.unwrap().arn;
        let waiting = host.wait_closed(&arn);
        assert!(timeout(PATIENCE, host.stopped()).await.is_err());

        functions.finds.store(true, Ordering::SeqCst);
        let start =
            timeout(PATIENCE, host.start(ExecutionStart::new("order"))).await.expect("it is answered");
        functions.finds.store(false, Ordering::SeqCst);

        assert!(start.unwrap_err().message.contains("the service is being stopped"));
        assert!(timeout(PATIENCE, waiting).await.expect("nobody waits forever").is_err());
        timeout(PATIENCE, host.stopped()).await.expect("it is reported");
        assert!(host.start(ExecutionStart::new("order")).await.is_err());
    });
}
