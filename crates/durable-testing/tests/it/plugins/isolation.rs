//! A plugin that fails changes nothing.

use std::panic;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use durable_core::error::BoxError;
use durable_core::plugin::{
    AttemptEnd, AttemptStart, ChainedInvokeStart, CheckpointEnd, CodeLocation, InvocationEnd, InvocationInfo,
    OperationEnd, OperationStart, OperationsChange, Plugin,
};
use durable_core::{DurableContext, Error, Result};
use durable_testing::{TestExecution, TestRunner};
use serde_json::Value;
use tracing::Span;
use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use super::recorder::Calls;

const HOOKS: [&str; 13] = [
    "create",
    "drop",
    "invocation_started",
    "invocation_ended",
    "operation_started",
    "operations_changed",
    "operation_ended",
    "attempt_started",
    "attempt_ended",
    "checkpoint_ended",
    "span",
    "log_fields",
    "trace_header",
];

/// How a hook fails.
#[derive(Clone, Copy)]
enum Failure {
    Error,
    Panic,
}

/// A plugin one of whose hooks fails.
#[derive(Clone, Copy)]
struct Faulty {
    hook: &'static str,
    failure: Failure,
}

impl Faulty {
    fn run(self, hook: &str) -> Result<(), BoxError> {
        match self.failure {
            _ if hook != self.hook => Ok(()),
            Failure::Error => Err("the plugin failed".into()),
            Failure::Panic => panic!("the plugin panicked"),
        }
    }
}

struct Instance(Faulty);

impl Drop for Instance {
    fn drop(&mut self) {
        let _ = self.0.run("drop");
    }
}

impl Plugin for Instance {
    async fn invocation_started(&self, _: &InvocationInfo<'_>) -> Result<(), BoxError> {
        tokio::task::yield_now().await;
        self.0.run("invocation_started")
    }

    async fn invocation_ended(&self, _: &InvocationEnd<'_>) -> Result<(), BoxError> {
        tokio::task::yield_now().await;
        self.0.run("invocation_ended")
    }

    fn operation_started(&self, _: &OperationStart<'_>) -> Result<(), BoxError> {
        self.0.run("operation_started")
    }

    fn operations_changed(&self, _: &OperationsChange<'_>) -> Result<(), BoxError> {
        self.0.run("operations_changed")
    }

    fn operation_ended(&self, _: &OperationEnd<'_>) -> Result<(), BoxError> {
        self.0.run("operation_ended")
    }

    fn attempt_started(&self, _: &AttemptStart<'_>) -> Result<(), BoxError> {
        self.0.run("attempt_started")
    }

    fn attempt_ended(&self, _: &AttemptEnd<'_>) -> Result<(), BoxError> {
        self.0.run("attempt_ended")
    }

    fn checkpoint_ended(&self, _: &CheckpointEnd<'_>) -> Result<(), BoxError> {
        self.0.run("checkpoint_ended")
    }

    fn span(&self, _: &CodeLocation<'_>) -> Option<Span> {
        self.0.run("span").ok()?;
        None
    }

    fn log_fields(&self, _: &CodeLocation<'_>) -> Vec<(&'static str, Value)> {
        let _ = self.0.run("log_fields");
        Vec::new()
    }

    fn trace_header(&self, _: &ChainedInvokeStart<'_>) -> Result<Option<String>, BoxError> {
        self.0.run("trace_header")?;
        Ok(None)
    }
}

async fn handler(_: (), ctx: DurableContext) -> Result<u64> {
    let charged = ctx.step("charge", async |step| {
        let _ = durable_core::logging::log_context();
        if step.attempt() == 1 { Err(Error::msg("busy")) } else { Ok(1) }
    });
    let charged: u64 = charged.await?;
    let shipped = ctx.run_in_child_context("ship", async |ctx| {
        ctx.wait("dry", Duration::from_secs(1)).await?;
        ctx.invoke("post", "post:1", &charged).await
    });
    let shipped: u64 = shipped.await?;
    Ok(charged + shipped)
}

async fn run(plugin: Option<Faulty>, other: &Calls) -> TestExecution {
    let other = other.clone();
    let runner =
        TestRunner::new(handler).function("post", async |parcel: u64, _| durable_core::Ok(parcel + 1));
    let runner = match plugin {
        None => runner,
        Some(faulty) => runner.plugin(move |_| {
            let _ = faulty.run("create");
            Instance(faulty)
        }),
    };
    runner.plugin(move |_| other.recorder()).run(&()).await.unwrap()
}

/// Collects what is reported of plugins.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Reports {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Fields<'r>(&'r mut String);

        impl Visit for Fields<'_> {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!("{}={value:?} ", field.name()));
            }
        }

        if event.metadata().target() == "durable::plugin" {
            let mut report = format!("{} ", event.metadata().level());
            event.record(&mut Fields(&mut report));
            self.0.lock().unwrap().push(report);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_plugin_that_fails_in_any_hook_changes_neither_the_history_nor_other_plugins() {
    let calls = Calls::default();
    let (expected, expected_calls) = (run(None, &calls).await, calls.take());
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));

    for (name, failure) in HOOKS.iter().flat_map(|name| [(name, Failure::Error), (name, Failure::Panic)]) {
        let execution = run(Some(Faulty { hook: name, failure }), &calls).await;

        assert_eq!(execution.history(), expected.history(), "{name}");
        assert_eq!(calls.take(), expected_calls, "{name}");
    }
    panic::set_hook(hook);
    assert_eq!(expected.result::<u64>().unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_failures_of_a_plugin_are_reported_once_for_each_invocation() {
    let reports = Reports::default();
    let _logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(reports.clone()));
    let faulty = Faulty { hook: "operation_started", failure: Failure::Error };
    let handler = async |_: (), ctx: DurableContext| {
        ctx.step("one", async |_| Ok(())).await?;
        ctx.step("two", async |_| Ok(())).await
    };

    TestRunner::new(handler).plugin(move |_| Instance(faulty)).run(&()).await.unwrap();

    let reports = reports.0.lock().unwrap();
    let [report] = &**reports else { panic!("one report, not {reports:?}") };
    assert!(report.starts_with("WARN "), "{report}");
    for part in ["isolation::Instance", "operation_started", "the plugin failed"] {
        assert!(report.contains(part), "{report}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_cannot_be_formatted_is_reported_as_a_panic() {
    #[derive(Debug)]
    struct Unprintable;

    impl std::fmt::Display for Unprintable {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("no words for it")
        }
    }

    impl std::error::Error for Unprintable {}

    struct Speechless;

    impl Plugin for Speechless {
        fn operation_started(&self, _: &OperationStart<'_>) -> Result<(), BoxError> {
            Err(Unprintable.into())
        }
    }

    let reports = Reports::default();
    let _logging = tracing::subscriber::set_default(tracing_subscriber::registry().with(reports.clone()));
    let handler = async |_: (), ctx: DurableContext| ctx.step("one", async |_| Ok(())).await;

    TestRunner::new(handler).plugin(|_| Speechless).run(&()).await.unwrap();

    let reports = reports.0.lock().unwrap();
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert!(reports[0].contains("no words for it"), "{reports:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_uses_an_operation_of_the_execution_does_not_hang() {
    struct Smuggler(Arc<Mutex<Option<DurableContext>>>);

    impl Plugin for Smuggler {
        fn attempt_started(&self, start: &AttemptStart<'_>) -> Result<(), BoxError> {
            let ctx = self.0.lock().unwrap().take();
            if let Some(ctx) = ctx.filter(|_| start.operation.name.as_deref() == Some("outer")) {
                drop(IntoFuture::into_future(ctx.step("inner", async |_| Ok(()))));
            }
            Ok(())
        }
    }

    let slot = Arc::new(Mutex::new(None));
    let given = Arc::clone(&slot);
    let handler = move |_: (), ctx: DurableContext| {
        *given.lock().unwrap() = Some(ctx.clone());
        async move { ctx.step("outer", async |_| Ok(())).await }
    };

    let runner = TestRunner::new(handler).plugin(move |_| Smuggler(Arc::clone(&slot)));
    let execution = runner.run(&()).await.unwrap();

    assert!(execution.operation("outer").is_some());
}
