//! Values that serialize as `null`, in every operation and through every serdes.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use durable_core::error::BoxError;
use durable_core::operation::{Payload, UNNAMED};
use durable_core::serdes::{DeserializeValue, FileSystemSerdes, Json, SerdesContext, SerializeValue};
use durable_core::types::{ChainedInvokeDetails, InvocationOutput, Operation, OperationStatus};
use durable_core::{DurableContext, Result, StepContext};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::ledger::{Ledger, result};

/// A value that serializes as `null`.
trait Null: Serialize + DeserializeOwned + PartialEq + Debug + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + PartialEq + Debug + Send + Sync + 'static> Null for T {}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Newtype(Option<u32>);

/// One of the serdes there are. It is one type, so that everything here is compiled once for each type of value.
#[derive(Clone)]
enum AnySerdes {
    Json,
    Quoted,
    Files(FileSystemSerdes),
    QuotedFiles(FileSystemSerdes<Quoted>),
}

impl<T: Serialize + Sync> SerializeValue<T> for AnySerdes {
    async fn serialize(&self, value: &T, context: SerdesContext<'_>) -> Result<String, BoxError> {
        match self {
            Self::Json => Json.serialize(value, context).await,
            Self::Quoted => Quoted.serialize(value, context).await,
            Self::Files(files) => files.serialize(value, context).await,
            Self::QuotedFiles(files) => files.serialize(value, context).await,
        }
    }
}

impl<T: DeserializeOwned> DeserializeValue<T> for AnySerdes {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<T, BoxError> {
        match self {
            Self::Json => Json.deserialize(text, context).await,
            Self::Quoted => Quoted.deserialize(text, context).await,
            Self::Files(files) => files.deserialize(text, context).await,
            Self::QuotedFiles(files) => files.deserialize(text, context).await,
        }
    }

    fn is_json(&self) -> bool {
        matches!(self, Self::Json | Self::Files(_) | Self::QuotedFiles(_))
    }
}

/// Whether the serdes is that of each operation, or that of the context.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scope {
    Operation,
    Context,
}

/// What each operation whose result this SDK writes makes of a value.
async fn written<T: Null>(ctx: &DurableContext, value: fn() -> T, serdes: &AnySerdes) -> Result<Vec<T>> {
    let check = move |(), check: StepContext| async move {
        Ok(if check.attempt() < 2 { Continue(()) } else { Break(value()) })
    };
    let met = ctx.using(serdes.clone()).wait_for_condition("condition", (), check);
    let mut values = vec![
        ctx.using(serdes.clone()).step("step", move |_| async move { Ok(value()) }).await?,
        ctx.using(serdes.clone()).run_in_child_context("child", move |_| async move { Ok(value()) }).await?,
        ctx.using(serdes.clone())
            .run_in_child_context("virtual", move |_| async move { Ok(value()) })
            .virtual_context()
            .await?,
        ctx.using(serdes.clone()).with_retry("block", move |_, _| async move { Ok(value()) }).await?,
        ctx.using(serdes.clone())
            .saga("saga", move |_, saga| async move {
                let step = saga.step("booked", move |_| async move { Ok(value()) });
                step.compensate(|_, _| async { Ok(()) }).await?;
                Ok(value())
            })
            .await?,
        met.await?,
    ];
    let body = move |_: DurableContext, _: u32, _: usize| async move { Ok(value()) };
    let map = || ctx.using(serdes.clone()).map("map", [1, 2], body);
    values.extend(map().await?.into_result()?);
    values.extend(map().flat().await?.into_result()?);
    values.extend(ctx.map("map", [1, 2], body).batch_serdes(serdes.clone()).await?.into_result()?);
    let branches = ctx.using(serdes.clone()).parallel("parallel");
    let branches = branches.branch(UNNAMED, move |_| async move { Ok(value()) });
    values.extend(branches.await?.into_result()?);
    Ok(values)
}

/// The same through the serdes of the context.
async fn written_by_context<T: Null>(ctx: &DurableContext, value: fn() -> T) -> Result<Vec<T>> {
    let check = move |(), _| async move { Ok(Break::<T, ()>(value())) };
    let mut values = vec![
        ctx.step("step", move |_| async move { Ok(value()) }).await?,
        ctx.run_in_child_context("child", move |_| async move { Ok(value()) }).await?,
        ctx.with_retry("block", move |_, _| async move { Ok(value()) }).await?,
        ctx.saga("saga", move |_, _| async move { Ok(value()) }).await?,
        ctx.wait_for_condition("condition", (), check).await?,
    ];
    let map = || ctx.map("map", [1, 2], move |_, _, _| async move { Ok(value()) });
    values.extend(map().await?.into_result()?);
    values.extend(map().flat().await?.into_result()?);
    values.extend(
        ctx.parallel("parallel").branch(UNNAMED, move |_| async move { Ok(value()) }).await?.into_result()?,
    );
    Ok(values)
}

/// What other systems answer: each answer is `null`, or missing.
async fn answered<T: Null>(
    ctx: &DurableContext,
    value: fn() -> T,
    serdes: Option<&AnySerdes>,
) -> Result<Vec<T>> {
    let submitter = |_, _| async { Ok(()) };
    match serdes {
        Some(serdes) => {
            let ctx = ctx.using(serdes.clone());
            let callback = ctx.create_callback("callback").await?;
            let call = ctx.invoke("call", "other", Payload::with_serdes(value(), serdes.clone()));
            Ok(vec![call.await?, callback.await?, ctx.wait_for_callback("waited", submitter).await?])
        }
        None => {
            let callback = ctx.create_callback("callback").await?;
            let call = ctx.invoke("call", "other", value());
            Ok(vec![call.await?, callback.await?, ctx.wait_for_callback("waited", submitter).await?])
        }
    }
}

fn succeed(operation: &mut Operation, answer: Option<&str>) {
    operation.status = OperationStatus::Succeeded;
    let result = answer.map(str::to_owned);
    match operation.callback_details_mut() {
        Some(details) => details.result = result,
        None => {
            let details = ChainedInvokeDetails::new(result, None);
            operation.details = Some(details.into());
        }
    }
}

/// Runs everything live and on replay; all values must come back as they were.
async fn check<T: Null>(scope: Scope, serdes: AnySerdes, value: fn() -> T, answer: Option<&str>) {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<T> {
        ctx.set_result_serdes(serdes.clone());
        let ctx = if scope == Scope::Context { ctx.with_serdes(serdes.clone()) } else { ctx };
        let values = match scope {
            Scope::Operation => written(&ctx, value, &serdes).await?,
            Scope::Context => written_by_context(&ctx, value).await?,
        };
        assert!(values.iter().all(|read| *read == value()), "{values:?}");
        ctx.wait("pause", Duration::from_secs(1)).await?;
        let own = Some(&serdes).filter(|_| scope == Scope::Operation);
        let answers = answered(&ctx, value, own).await?;
        ctx.wait("another pause", Duration::from_secs(1)).await?;
        assert!(answers.iter().all(|read| *read == value()), "{answers:?}");
        Ok(value())
    };

    let mut output = InvocationOutput::Pending;
    while output == InvocationOutput::Pending {
        output = ledger.invoke(&handler).await.unwrap();
        ledger.amend_unanswered(|operation| succeed(operation, answer));
    }

    result(output);
}

async fn check_all_forms(scope: Scope, serdes: AnySerdes) {
    for answer in [Some("null"), None] {
        check(scope, serdes.clone(), || (), answer).await;
        check(scope, serdes.clone(), || None::<u32>, answer).await;
        check(scope, serdes.clone(), || None::<()>, answer).await;
        check(scope, serdes.clone(), || serde_json::Value::Null, answer).await;
        check(scope, serdes.clone(), || Unit, answer).await;
        check(scope, serdes.clone(), || Newtype(None), answer).await;
        check(scope, serdes.clone(), || PhantomData::<u8>, answer).await;
        check(scope, serdes.clone(), || Box::new(()), answer).await;
    }
}

const SCOPES: [Scope; 2] = [Scope::Operation, Scope::Context];

#[tokio::test]
async fn every_null_passes_every_operation_as_json() {
    for scope in SCOPES {
        check_all_forms(scope, AnySerdes::Json).await;
    }
}

#[tokio::test]
async fn every_null_passes_every_operation_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    for scope in SCOPES {
        check_all_forms(scope, AnySerdes::Files(FileSystemSerdes::new(folder.path()))).await;
    }
}

#[tokio::test]
async fn every_null_passes_every_operation_beside_files() {
    let folder = tempfile::tempdir().unwrap();
    for scope in SCOPES {
        check_all_forms(scope, AnySerdes::Files(FileSystemSerdes::new(folder.path()).on_overflow())).await;
    }
}

#[tokio::test]
async fn every_null_passes_every_operation_through_a_serdes_of_the_user() {
    for scope in SCOPES {
        check_all_forms(scope, AnySerdes::Quoted).await;
    }
}

#[tokio::test]
async fn every_null_passes_every_operation_through_a_serdes_of_the_user_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let files = FileSystemSerdes::new(folder.path());
    for scope in SCOPES {
        check_all_forms(scope, AnySerdes::QuotedFiles(files.clone().inner(Quoted))).await;
        check_all_forms(scope, AnySerdes::QuotedFiles(files.clone().on_overflow().inner(Quoted))).await;
    }
}

/// Writes what is no JSON, and reads JSON as well, as other systems write it.
#[derive(Clone, Copy)]
struct Quoted;

impl<T: Serialize + Sync> SerializeValue<T> for Quoted {
    async fn serialize(&self, value: &T, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(format!("<{}>", serde_json::to_string(value)?))
    }
}

impl<T: DeserializeOwned> DeserializeValue<T> for Quoted {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<T, BoxError> {
        Ok(serde_json::from_str(text.trim_start_matches('<').trim_end_matches('>'))?)
    }
}
