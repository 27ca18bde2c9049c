//! What an operation hands to the code is the same when it ends as on every replay after it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::Duration;

use durable_core::error::BoxError;
use durable_core::operation::UNNAMED;
use durable_core::retry::RetryStrategy;
use durable_core::serdes::{DeserializeValue, SerdesContext, SerializeValue};
use durable_core::types::{ChainedInvokeDetails, ErrorObject, Operation, OperationStatus};
use durable_core::{DurableContext, Error, Result};
use durable_macros::DurableError;
use serde::{Deserialize, Serialize};

use crate::ledger::{Ledger, result};

#[derive(Debug, Serialize, Deserialize, DurableError)]
#[durable(crate = durable_core)]
struct Declined {
    code: u32,
}

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "declined with {}", self.code)
    }
}

impl std::error::Error for Declined {}

fn fail<T>() -> Result<T> {
    Err(Error::typed(Declined { code: 51 }))
}

/// Reads and writes texts, and leaves a trace of either.
#[derive(Clone, Copy)]
struct Traced;

impl SerializeValue<String> for Traced {
    async fn serialize(&self, value: &String, _: SerdesContext<'_>) -> Result<String, BoxError> {
        tokio::task::yield_now().await;
        Ok(format!("{value} written"))
    }
}

impl DeserializeValue<String> for Traced {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<String, BoxError> {
        tokio::task::yield_now().await;
        Ok(format!("{text} read"))
    }
}

/// What the code saw of each operation, in every invocation that came by.
#[derive(Default)]
struct Seen(Mutex<BTreeMap<&'static str, Vec<String>>>);

impl Seen {
    fn note(&self, operation: &'static str, seen: String) {
        self.0.lock().unwrap().entry(operation).or_default().push(seen);
    }

    /// What was seen when the operation ended, and again on every replay.
    fn always(&self, operation: &str) -> String {
        let seen = self.0.lock().unwrap()[operation].clone();
        assert!(seen.len() > 1 && seen.iter().all(|again| *again == seen[0]), "{operation}: {seen:#?}");
        seen[0].clone()
    }
}

/// Everything there is to see of a failure.
macro_rules! failure {
    ($ended:expr) => {{
        let error = $ended.unwrap_err();
        let (message, data, stack) = (error.message(), error.data(), error.stack_trace());
        let (kind, id) = (error.operation_kind(), error.operation_id());
        let (status, error_type) = (error.status(), error.error_type());
        format!("{error} {kind:?} {id:?} {status:?} {error_type} {message:?} {data:?} {stack:?}")
    }};
}

/// Runs one operation of each kind to its failure.
async fn failures(ctx: &DurableContext, seen: &Seen) -> Result<()> {
    let charge = async |ctx: DurableContext| -> Result<()> {
        ctx.step("charge", async |_| fail()).retry(RetryStrategy::none()).await
    };
    let child = ctx.run_in_child_context("child", async |ctx| charge(ctx).await);
    let scope = ctx.run_in_child_context("scope", async |ctx| charge(ctx).await).virtual_context();
    let map = ctx.map("map", [()], async |ctx, (), _| charge(ctx).await);
    let flat = ctx.map("flat", [()], async |ctx, (), _| charge(ctx).await).flat();
    let parallel = ctx.parallel("parallel").branch(UNNAMED, async |_| fail::<()>());
    let check = async |(): (), _| fail::<ControlFlow<(), ()>>();
    let submitter = ctx.wait_for_callback::<(), _, _>("submitter", async |_, _| fail());
    let rejected = ctx.wait_for_callback::<(), _, _>("rejected", async |_, _| Ok(()));
    seen.note("step", failure!(charge(ctx.clone()).await));
    seen.note("child", failure!(child.await));
    seen.note("scope", failure!(scope.await));
    seen.note("map", failure!(map.await?.into_result()));
    seen.note("flat", failure!(flat.await?.into_result()));
    seen.note("parallel", failure!(parallel.await?.into_result()));
    seen.note("condition", failure!(ctx.wait_for_condition("condition", (), check).await));
    seen.note("submitter", failure!(submitter.retry(RetryStrategy::none()).await));
    seen.note("answer", failure!(rejected.await));
    seen.note("callback", failure!(ctx.create_callback::<()>("callback").await?.await));
    seen.note("call", failure!(ctx.invoke::<(), _>("call", "other", &()).await));
    ctx.wait("pause", Duration::from_secs(1)).await
}

/// Runs one operation of each kind with a serdes that leaves traces.
async fn values(ctx: &DurableContext, seen: &Seen) -> Result<()> {
    let made = || Ok("made".to_owned());
    let large = ctx.using(Traced).run_in_child_context("large", async |_| Ok("x".repeat(300_000)));
    let scope = ctx.using(Traced).run_in_child_context("scope", async |_| made()).virtual_context();
    let map = ctx.using(Traced).map("map", [()], async |_, (), _| made());
    let flat = ctx.using(Traced).map("flat", [()], async |_, (), _| made()).flat();
    let parallel = ctx.using(Traced).parallel("parallel").branch(UNNAMED, async |_| made());
    let check = async |state: String, _| Ok(ControlFlow::Break::<String, String>(state));
    let condition = ctx.using(Traced).wait_for_condition("condition", "made".to_owned(), check);
    seen.note("step", ctx.using(Traced).step("step", async |_| made()).await?);
    seen.note("child", ctx.using(Traced).run_in_child_context("child", async |_| made()).await?);
    seen.note("large", large.await?.trim_start_matches('x').to_owned());
    seen.note("scope", scope.await?);
    seen.note("map", map.await?.into_result()?.concat());
    seen.note("flat", flat.await?.into_result()?.concat());
    seen.note("parallel", parallel.await?.into_result()?.concat());
    seen.note("condition", condition.await?);
    seen.note("answer", ctx.using(Traced).wait_for_callback("answer", async |_, _| Ok(())).await?);
    seen.note("callback", ctx.using(Traced).create_callback("callback").await?.await?);
    seen.note("call", ctx.using(Traced).invoke("call", "other", &()).await?);
    ctx.wait("pause", Duration::from_secs(1)).await
}

/// Ends every call and callback that is open, one after the other.
async fn run(ends_well: bool, end: impl Fn(&mut Operation)) -> Seen {
    let (ledger, seen) = (Ledger::new(&()), Seen::default());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        if ends_well { values(&ctx, &seen).await } else { failures(&ctx, &seen).await }
    };
    for name in ["answer", "callback", "call"] {
        ledger.invoke(&handler).await.unwrap();
        match name {
            // Its callback has no name, and is the last that began.
            "answer" => ledger.amend_open_callback(&end),
            name => ledger.amend(name, &end),
        }
    }
    assert_eq!(result(ledger.run(&handler).await), "null");
    seen
}

#[tokio::test]
async fn errors_of_every_kind_are_the_same_live_and_on_replay() {
    let mut error = ErrorObject::new("Rejected", "not today").with_data("{\"until\":7}");
    error.stack_trace = Some(vec!["desk.py:7".into()]);

    let seen = run(false, |operation| {
        operation.status = OperationStatus::Failed;
        match operation.callback_details_mut() {
            Some(details) => details.error = Some(error.clone().into()),
            None => {
                let details = ChainedInvokeDetails::new(None, Some(error.clone()));
                operation.details = Some(details.into());
            }
        }
    })
    .await;

    for kind in ["step", "child", "scope", "map", "flat", "parallel", "condition", "submitter"] {
        let told = seen.always(kind);
        assert!(told.contains("declined with 51") && told.contains(r#"{\"code\":51}"#), "{told}");
    }
    // What another system said arrives whole.
    for kind in ["answer", "callback", "call"] {
        let told = seen.always(kind);
        for part in ["Rejected", "not today", r#"{\"until\":7}"#, "desk.py:7"] {
            assert!(told.contains(part), "{kind}: {part}: {told}");
        }
    }
}

#[tokio::test]
async fn a_serdes_is_used_by_every_kind_live_and_on_replay() {
    let seen = run(true, |operation| {
        operation.status = OperationStatus::Succeeded;
        match operation.callback_details_mut() {
            Some(details) => details.result = Some("told".into()),
            None => {
                let details = ChainedInvokeDetails::new(Some("told".into()), None);
                operation.details = Some(details.into());
            }
        }
    })
    .await;

    for kind in ["step", "child", "scope", "map", "flat", "parallel"] {
        assert_eq!(seen.always(kind), "made written read", "{kind}");
    }
    // The state is written as well as the result.
    assert_eq!(seen.always("condition"), "made written read written read");
    assert_eq!(seen.always("large"), " written read");
    assert_eq!(seen.always("answer"), "told read written read");
    assert_eq!([seen.always("callback"), seen.always("call")], ["told read", "told read"]);
}
