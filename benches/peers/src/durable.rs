//! The workloads on durable.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use durable_aws::{AwsSdkTransport, Credentials, LambdaTransport};
use durable_core::driver::Invocation;
use durable_core::lambda::LambdaContext;
use durable_core::{DurableContext, Result};
use durable_testing::TestRunner;
use durable_types::{InvocationInput, Timestamp};

use crate::lambda_api::serve_ledger;
use crate::{Ledger, Receipt, Shape, Workload};

async fn handler(workload: Workload, ctx: DurableContext) -> Result<u64> {
    match workload.shape {
        Shape::Steps => steps(workload.count, ctx).await,
        Shape::Namesakes => namesakes(workload.count, ctx).await,
        Shape::Map | Shape::FlatMap => map(workload, ctx).await,
    }
}

async fn steps(count: u32, ctx: DurableContext) -> Result<u64> {
    let mut sum = 0;
    for order in 0..count {
        let receipt = ctx.step(format!("step-{order}"), async |_| Ok(Receipt::of(order))).await?;
        sum += receipt.weight();
    }
    Ok(sum)
}

async fn namesakes(count: u32, ctx: DurableContext) -> Result<u64> {
    let mut sum = 0;
    for order in 0..count {
        sum += ctx.step("step", async |_| Ok(Receipt::of(order))).await?.weight();
    }
    Ok(sum)
}

async fn map(workload: Workload, ctx: DurableContext) -> Result<u64> {
    let map = ctx.map("map", 0..workload.count, async |ctx: DurableContext, order, _| {
        ctx.step("step", async |_| Ok(Receipt::of(order))).await
    });
    let map = if workload.shape == Shape::FlatMap { map.flat() } else { map };
    let receipts = map.await?.into_result()?;
    Ok(receipts.iter().map(Receipt::weight).sum())
}

/// A function on durable, connected to the records of one execution.
pub(crate) struct Function {
    runtime: tokio::runtime::Runtime,
    ledger: Arc<Ledger>,
    transport: LambdaTransport,
}

impl Function {
    pub(crate) fn new(workload: Workload, latency: Duration) -> Self {
        let ledger = Arc::new(Ledger::new(workload, latency));
        let credentials = Credentials::new("key", "secret");
        let transport = LambdaTransport::builder("eu-west-1", credentials)
            .endpoint_url(serve_ledger(Arc::clone(&ledger)))
            .build()
            .expect("the configuration is valid");
        Self { runtime: crate::sdk::runtime(), ledger, transport }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// One invocation, from the bytes of its payload to the bytes of its answer.
    pub(crate) fn invoke(&self, payload: Cow<'static, [u8]>) -> Vec<u8> {
        let text = std::str::from_utf8(&payload).expect("the payload is text");
        let input: InvocationInput = serde_json::from_str(text).expect("the payload is one");
        drop(payload);
        let context = LambdaContext::new("request", Timestamp::from_millis(i64::MAX / 1_000));
        let output = self.runtime.block_on(Invocation::new(input, context).drive(&self.transport, &handler));
        serde_json::to_vec(&output.expect("the invocation answers")).expect("an answer has a JSON form")
    }
}

/// Serves the invocations of this process, as a function on Lambda does.
pub fn serve() {
    crate::sdk::runtime().block_on(durable_aws::run(handler)).expect("invocations arrive");
}

/// The same with the client of the AWS SDK.
pub fn serve_with_aws_sdk() {
    crate::sdk::runtime().block_on(async {
        let transport = AwsSdkTransport::from_env().expect("the environment has a region");
        durable_aws::run(handler).transport(transport).await.expect("invocations arrive");
    });
}

/// Runs the workload as a test in the process; its answer.
pub(crate) fn test(workload: Workload) -> u64 {
    let execution = crate::sdk::runtime().block_on(TestRunner::new(handler).run(&workload));
    execution.and_then(|execution| execution.result()).expect("the execution succeeds")
}
