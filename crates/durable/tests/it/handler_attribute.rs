//! What `#[durable::handler]` adds to a function with state.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use durable::prelude::*;
use durable_testing::TestRunner;

use crate::recorder::Recorder;

/// A client that counts its calls.
#[derive(Default)]
struct Gateway {
    charges: AtomicU32,
}

impl Gateway {
    async fn charge(&self, cents: u32) -> std::io::Result<u32> {
        Ok(cents + self.charges.fetch_add(1, Ordering::Relaxed))
    }
}

#[durable::handler]
async fn pay(cents: u32, ctx: DurableContext, gateway: &Gateway, fee: Arc<u32>) -> Result<u32> {
    let charged = ctx.step("charge", async |_| Ok(gateway.charge(cents + *fee).await?)).await?;
    ctx.wait("settle", Duration::from_secs(60)).await?;
    let again = ctx.step("charge again", async |_| Ok(gateway.charge(charged).await?)).await?;
    Ok(again)
}

#[durable::handler]
async fn visits(_: (), _ctx: DurableContext, gateway: &Gateway) -> Result<u32> {
    Ok(gateway.charge(0).await?)
}

#[tokio::test]
async fn every_invocation_of_a_test_shares_the_state() {
    let gateway = Gateway::default();

    let execution = TestRunner::new(pay::with(&gateway, Arc::new(7))).run(&100).await.unwrap();

    assert_eq!(execution.invocations(), 2);
    assert_eq!(execution.result::<u32>().unwrap(), 108);
    assert_eq!(gateway.charges.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_closure_can_pass_the_state_instead() {
    let gateway = Gateway::default();
    let handler = |cents, ctx| pay(cents, ctx, &gateway, Arc::new(7));

    let execution = TestRunner::new(handler).run(&100).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), 108);
}

#[tokio::test]
async fn state_stays_the_same_from_one_execution_to_the_next() {
    let (recorder, gateway) = (Recorder::default(), Gateway::default());
    let handler = visits::with(&gateway);

    recorder.invoke(&handler).await;
    recorder.invoke(&handler).await;

    assert_eq!(gateway.charges.load(Ordering::Relaxed), 2);
}
