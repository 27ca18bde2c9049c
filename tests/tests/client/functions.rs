//! The functions that the tests start, and the service that runs them.

use bytes::Bytes;
use durable::aws::client::CallbackHandle;
use durable::aws::{Client, Credentials};
use durable::prelude::*;
use durable::{DurableError, Function};
use durable_local::LocalService;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) cents: u64,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Receipt {
    pub(crate) id: String,
    pub(crate) total: u64,
}

/// An error that is recorded in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, DurableError)]
#[durable(name = "client.Declined")]
#[error("declined with code {code}")]
pub(crate) struct Declined {
    pub(crate) code: u32,
}

pub(crate) fn order(cents: u64) -> Order {
    Order { id: "order-17".to_owned(), cents }
}

/// Adds a fee, and declines orders of nothing.
#[durable::handler]
pub(crate) async fn fulfil(order: Order, ctx: DurableContext) -> Result<Receipt> {
    let charge = async || if order.cents == 0 { Err(Declined { code: 51 }) } else { Ok(order.cents + 1) };
    let charged = ctx.step("charge", async |_| Ok(charge().await?)).retry(RetryStrategy::none());
    let total = charged.await?;
    Ok(Receipt { id: order.id.clone(), total })
}

/// Waits for a callback, whose id it sends to the test. A callback that fails with `Declined` returns its code.
#[durable::handler]
pub(crate) async fn approve(
    _: (),
    ctx: DurableContext,
    ids: UnboundedSender<String>,
) -> Result<std::result::Result<String, u32>> {
    let approval = ctx.wait_for_callback::<String, _, _>("approval", async |id, _| Ok(ids.send(id)?));
    match approval.heartbeat_timeout(Duration::from_secs(60)).await {
        Ok(approval) => Ok(Ok(approval)),
        Err(error) => Ok(Err(error.downcast::<Declined>()?.code)),
    }
}

pub(crate) fn fulfil_live() -> Function<Order, Receipt> {
    fulfil::function("fulfil:live")
}

pub(crate) fn approve_live() -> Function<(), std::result::Result<String, u32>> {
    approve::function("approve:live")
}

/// A service with the functions `fulfil` and `approve`, and the plain function `tax`.
pub(crate) struct Running {
    pub(crate) client: Client,
    ids: UnboundedReceiver<String>,
    _service: LocalService,
}

pub(crate) async fn running() -> Running {
    let (sender, ids) = unbounded_channel();
    let tax = async |input: Bytes| Ok([b"1", &input[..]].concat().into());
    let service = LocalService::builder()
        .http(([127, 0, 0, 1], 0).into())
        .handler("fulfil", fulfil)
        .handler("approve", approve::with(sender))
        .plain_function("tax", tax);
    let service = service.start().await.unwrap();
    let client = Client::builder("us-east-1", Credentials::new("local", "local"))
        .endpoint_url(format!("http://{}", service.address().unwrap()))
        .build()
        .unwrap();
    Running { client, ids, _service: service }
}

impl Running {
    /// The next callback that `approve` waits for.
    pub(crate) async fn callback(&mut self) -> CallbackHandle {
        let id = self.ids.recv().await.unwrap();
        self.client.callback(id)
    }
}
