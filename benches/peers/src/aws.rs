//! The workloads on AWS's Rust SDK, whose client of the Lambda API is answered in memory.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aws_durable_execution_sdk::builders::map_parallel::NestingMode;
use aws_durable_execution_sdk::test_util::LocalRunner;
use aws_durable_execution_sdk::{
    BoxError, DurableContext, InvocationPayload, InvocationResponse, LambdaClient, LambdaContext, Options,
    wrap,
};
use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use durable_types::api::CheckpointRequest;
use lambda_runtime::LambdaEvent;

use crate::{Ledger, Receipt, Shape, Workload};

async fn handler(workload: Workload, ctx: DurableContext) -> Result<u64, BoxError> {
    match workload.shape {
        Shape::Steps => steps(workload.count, ctx).await,
        Shape::Namesakes => namesakes(workload.count, ctx).await,
        Shape::Map | Shape::FlatMap => map(workload, ctx).await,
    }
}

async fn steps(count: u32, ctx: DurableContext) -> Result<u64, BoxError> {
    let mut sum = 0;
    for order in 0..count {
        let step = ctx.step(move |_| async move { Ok(Receipt::of(order)) });
        sum += step.name(format!("step-{order}")).await?.weight();
    }
    Ok(sum)
}

async fn namesakes(count: u32, ctx: DurableContext) -> Result<u64, BoxError> {
    let mut sum = 0;
    for order in 0..count {
        sum += ctx.step(move |_| async move { Ok(Receipt::of(order)) }).name("step").await?.weight();
    }
    Ok(sum)
}

async fn map(workload: Workload, ctx: DurableContext) -> Result<u64, BoxError> {
    let orders: Vec<u32> = (0..workload.count).collect();
    let map = ctx.map(orders, |ctx: DurableContext, order: u32, _| async move {
        Ok(ctx.step(move |_| async move { Ok(Receipt::of(order)) }).name("step").await?)
    });
    let nesting = match workload.shape {
        Shape::FlatMap => NestingMode::Flat,
        Shape::Map | Shape::Steps | Shape::Namesakes => NestingMode::Normal,
    };
    let receipts = map.name("map").nesting(nesting).await?;
    Ok(receipts.iter().map(Receipt::weight).sum())
}

/// The records behind the HTTP client of the AWS SDK.
#[derive(Clone, Debug)]
struct InMemory(Arc<Ledger>);

impl HttpConnector for InMemory {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let ledger = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            assert!(request.uri().ends_with("/checkpoint"), "the payload was whole: {}", request.uri());
            let body = request.body().bytes().expect("the body of a checkpoint is in memory");
            let request: CheckpointRequest = serde_json::from_slice(body).expect("a checkpoint");
            let response = ledger.checkpoint(request).await;
            let body = serde_json::to_vec(&response).expect("plain data has a JSON form");
            let ok = 200_u16.try_into().expect("a status");
            Ok(HttpResponse::new(ok, SdkBody::from(body)))
        })
    }
}

type Answer = Result<InvocationResponse, lambda_runtime::Error>;
type Service = dyn Fn(LambdaEvent<InvocationPayload>) -> Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A function on AWS's SDK, connected to the records of one execution.
pub(crate) struct Function {
    runtime: tokio::runtime::Runtime,
    ledger: Arc<Ledger>,
    service: Box<Service>,
}

impl Function {
    pub(crate) fn new(workload: Workload, latency: Duration, is_batching: bool) -> Self {
        let ledger = Arc::new(Ledger::new(workload, latency));
        let options = Options::builder().lambda_client(client(InMemory(Arc::clone(&ledger))));
        let options = options.checkpoint_batching(is_batching).build();
        let service = wrap(handler, options.expect("the options are valid"));
        Self { runtime: crate::sdk::runtime(), ledger, service: Box::new(service) }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// One invocation, from the bytes of its payload to the bytes of its answer.
    pub(crate) fn invoke(&self, payload: Cow<'static, [u8]>) -> Vec<u8> {
        let input: InvocationPayload = serde_json::from_slice(&payload).expect("the payload is one");
        drop(payload);
        let event = LambdaEvent::new(input, LambdaContext::default());
        let output = self.runtime.block_on((self.service)(event));
        serde_json::to_vec(&output.expect("the invocation answers")).expect("an answer has a JSON form")
    }
}

/// Runs the workload as a test in the process; its answer.
pub(crate) fn test(workload: Workload) -> u64 {
    let run = crate::sdk::runtime().block_on(LocalRunner::new().run(handler, workload));
    run.into_output().expect("the execution succeeds")
}

/// A client of the Lambda API that reaches nothing but these records.
fn client(records: InMemory) -> LambdaClient {
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "peers"))
        .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(records.clone())))
        .build();
    LambdaClient::from_conf(config)
}
