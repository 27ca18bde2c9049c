//! What an operation hands to the code is the same when it ends as on every replay after it.

use std::ops::ControlFlow::Break;
use std::time::Duration;

use durable_core::types::{ChainedInvokeDetails, ErrorObject, Operation, OperationStatus};
use durable_core::{
    BoxError, DurableContext, Error, Result, RetryStrategy, Serdes, SerdesContext, StepError, UNNAMED,
};
use serde::{Deserialize, Serialize};

use crate::ledger::{Ledger, result};

#[derive(Debug, Serialize, Deserialize)]
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

impl Serdes<String> for Traced {
    async fn serialize(&self, value: &String, _: SerdesContext<'_>) -> Result<String, BoxError> {
        tokio::task::yield_now().await;
        Ok(format!("{value} written"))
    }

    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<String, BoxError> {
        tokio::task::yield_now().await;
        Ok(format!("{text} read"))
    }
}

/// Everything there is to see of a failure.
macro_rules! seen {
    ($ended:expr) => {{
        let error = $ended.unwrap_err();
        let (message, data, stack) = (error.message(), error.data(), error.stack_trace());
        format!("{error} {} {:?} {message:?} {data:?} {stack:?}", error.status(), error.error_type())
    }};
}

/// Runs one operation of each kind to its failure.
async fn failures(ctx: &DurableContext) -> Result<Vec<String>> {
    let step = async |ctx: DurableContext| -> Result<(), StepError> {
        ctx.step("charge", async |_| fail()).retry(RetryStrategy::none()).await
    };
    let child = ctx.run_in_child_context("child", async |ctx| Ok(step(ctx).await?));
    let scope = ctx.run_in_child_context("scope", async |ctx| Ok(step(ctx).await?)).virtual_context();
    let map = ctx.map("map", [()], async |ctx, (), _| Ok(step(ctx).await?));
    let flat = ctx.map("flat", [()], async |ctx, (), _| Ok(step(ctx).await?)).flat();
    let parallel = ctx.parallel("parallel").branch(UNNAMED, async |_| fail::<()>());
    let condition =
        ctx.wait_for_condition("condition", (), async |(): (), _| fail().map(|()| Break::<(), ()>(())));
    let submitter = ctx.wait_for_callback::<(), _, _>("submitter", async |_, _| fail());
    let rejected = ctx.wait_for_callback::<(), _, _>("rejected", async |_, _| Ok(()));
    Ok(vec![
        seen!(step(ctx.clone()).await),
        seen!(child.await),
        seen!(scope.await),
        seen!(map.await?.into_result()),
        seen!(flat.await?.into_result()),
        seen!(parallel.await?.into_result()),
        seen!(condition.await),
        seen!(submitter.retry(RetryStrategy::none()).await),
        seen!(rejected.await),
        seen!(ctx.create_callback::<()>("callback").await?.await),
        seen!(ctx.invoke::<(), _>("call", "other", &()).await),
    ])
}

/// Runs one operation of each kind with a serdes that leaves traces.
async fn values(ctx: &DurableContext) -> Result<Vec<String>> {
    let made = || Ok("made".to_owned());
    let check = async |state: String, _| Ok(Break::<String, String>(state));
    let whole = ctx.map("map", [()], async |_, (), _| made()).item_serdes(Traced);
    let flat = ctx.map("flat", [()], async |_, (), _| made()).item_serdes(Traced).flat();
    let parallel = ctx.parallel("parallel").branch(UNNAMED, async |_| made()).item_serdes(Traced);
    let large = async |_| Ok("x".repeat(300_000));
    let large = ctx.run_in_child_context("large", large).serdes(Traced).await?;
    Ok(vec![
        ctx.step("step", async |_| made()).serdes(Traced).await?,
        ctx.run_in_child_context("child", async |_| made()).serdes(Traced).await?,
        ctx.run_in_child_context("scope", async |_| made()).serdes(Traced).virtual_context().await?,
        whole.await?.into_result()?.concat(),
        flat.await?.into_result()?.concat(),
        parallel.await?.into_result()?.concat(),
        ctx.wait_for_condition("condition", "made".to_owned(), check).serdes(Traced).await?,
        large.trim_start_matches('x').to_owned(),
        ctx.wait_for_callback("answer", async |_, _| Ok(())).serdes(Traced).await?,
        ctx.create_callback("callback").serdes(Traced).await?.await?,
        ctx.invoke("call", "other", &()).serdes(Traced).await?,
    ])
}

/// Keeps what the code saw in the invocation in which everything had ended, and compares it in all that follow.
async fn compared(is_failure: bool, ctx: DurableContext) -> Result<Vec<String>> {
    let told = if is_failure { failures(&ctx).await? } else { values(&ctx).await? };
    let first = ctx.step("told", async |_| Ok(told.clone())).await?;
    for _ in 0..2 {
        assert_eq!(told, first);
        ctx.wait("pause", Duration::from_secs(1)).await?;
    }
    Ok(told)
}

/// Ends every call and callback that is open, one after the other.
async fn run(ledger: &Ledger, end: impl Fn(&mut Operation)) -> Vec<String> {
    for name in ["inner", "callback", "call"] {
        ledger.invoke(&compared).await.unwrap();
        match name {
            // The callback of a wait for one has no name, and it is the last that began.
            "inner" => ledger.amend_open_callback(&end),
            name => ledger.amend(name, &end),
        }
    }
    serde_json::from_str(&result(ledger.run(&compared).await)).unwrap()
}

#[tokio::test]
async fn errors_of_every_kind_are_the_same_live_and_on_replay() {
    let ledger = Ledger::new(&true);
    let error = ErrorObject {
        error_type: Some("Rejected".into()),
        error_message: Some("not today".into()),
        error_data: Some("{\"until\":7}".into()),
        stack_trace: Some(vec!["desk.py:7".into()]),
    };

    let told = run(&ledger, |operation| {
        operation.status = OperationStatus::Failed;
        match &mut operation.callback_details {
            Some(details) => details.error = Some(error.clone()),
            None => {
                let error = Some(error.clone());
                let details = ChainedInvokeDetails { result: None, error };
                operation.chained_invoke_details = Some(Box::new(details));
            }
        }
    })
    .await;

    assert_eq!(told.len(), 11);
    for (index, told) in told.iter().enumerate() {
        let parts: &[&str] = match index {
            0..8 => &["declined with 51", r#"{\"code\":51}"#],
            // What another system said arrives whole.
            _ => &["Rejected", "not today", r#"{\"until\":7}"#, "desk.py:7"],
        };
        for part in parts {
            assert!(told.contains(part), "{index}: {part}: {told}");
        }
    }
}

#[tokio::test]
async fn a_serdes_is_used_by_every_kind_live_and_on_replay() {
    let ledger = Ledger::new(&false);

    let told = run(&ledger, |operation| {
        operation.status = OperationStatus::Succeeded;
        match &mut operation.callback_details {
            Some(details) => details.result = Some("told".into()),
            None => {
                let details = ChainedInvokeDetails { result: Some("told".into()), error: None };
                operation.chained_invoke_details = Some(Box::new(details));
            }
        }
    })
    .await;

    let made = "made written read";
    let twice = "made written read written read";
    assert!(told[..6].iter().all(|told| told == made), "{told:?}");
    assert_eq!(told[6..8], [twice, " written read"]);
    assert_eq!(told[8..], ["told read written read", "told read", "told read"]);
}
