//! The workloads on AWS's Rust SDK.

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
use lambda_runtime::LambdaEvent;

use crate::lambda_api::serve_ledger;
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
        let options = Options::builder().lambda_client(client(serve_ledger(Arc::clone(&ledger))));
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

/// Serves the invocations of this process, as a function on Lambda does, on the runtime of the SDK's documentation.
pub fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("the system has threads and clocks");
    runtime.block_on(aws_durable_execution_sdk::run(handler)).expect("invocations arrive");
}

fn client(url: String) -> LambdaClient {
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "peers"))
        .endpoint_url(url)
        .build();
    LambdaClient::from_conf(config)
}
