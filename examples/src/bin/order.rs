//! Fulfils an order: reserve, charge, wait until the payment has settled, ship.
//!
//! `cargo run --bin durable -- run order --input examples/order.json`
//!
//! Kill it while it waits and run it again: it goes on where it was, and nothing is charged twice.

use durable::prelude::*;
use serde::{Deserialize, Serialize};
use tracing::info;

#[derive(Deserialize)]
struct Order {
    id: String,
    items: Vec<Item>,
    /// How long a payment takes to settle.
    settle_seconds: u64,
    /// How often the payment gateway is busy before it takes the charge.
    #[serde(default)]
    busy_gateway: u32,
}

#[derive(Deserialize)]
struct Item {
    name: String,
    price_cents: u64,
}

#[derive(Serialize, Deserialize)]
struct Receipt {
    order: String,
    reservation: String,
    charge: Charge,
    parcel: Parcel,
}

#[derive(Serialize, Deserialize)]
struct Charge {
    id: String,
    amount_cents: u64,
}

#[derive(Serialize, Deserialize)]
struct Parcel {
    tracking: String,
    contents: Vec<String>,
}

/// Recorded with its data, so that it can be downcast wherever it is caught, also on replay.
#[derive(Debug, Serialize, Deserialize, thiserror::Error, durable::DurableError)]
#[error("the payment gateway is too busy to charge {amount_cents} cents")]
struct GatewayBusy {
    amount_cents: u64,
}

#[durable::step]
async fn reserve(order: &Order) -> Result<String> {
    info!(order = order.id, items = order.items.len(), "reserving");
    Ok(format!("reservation-{}", order.id))
}

#[durable::step(retry = exponential(max_attempts = 5, initial_delay = "1s", max_delay = "10s", jitter = none))]
async fn charge(step: StepContext, order: &Order) -> Result<Charge, GatewayBusy> {
    info!(order = order.id, attempt = step.attempt(), "charging");
    let amount_cents = order.items.iter().map(|item| item.price_cents).sum();
    if step.attempt() <= order.busy_gateway {
        return Err(GatewayBusy { amount_cents });
    }
    Ok(Charge { id: format!("charge-{}", order.id), amount_cents })
}

#[durable::step]
async fn pack(order: &Order) -> Result<Vec<String>> {
    info!(order = order.id, "packing");
    Ok(order.items.iter().map(|item| item.name.clone()).collect())
}

#[durable::step]
async fn label(order: &Order) -> Result<String> {
    info!(order = order.id, "labelling");
    Ok(format!("track-{}", order.id))
}

#[durable::handler]
async fn fulfil(order: Order, ctx: DurableContext) -> Result<Receipt> {
    let reservation = reserve(&ctx, &order).await?;
    let charge = charge(&ctx, &order).await?;
    ctx.wait("settle", Duration::from_secs(order.settle_seconds)).await?;
    let parcel = ctx
        .run_in_child_context("ship", async |ctx| {
            let contents = pack(&ctx, &order).await?;
            let tracking = label(&ctx, &order).await?;
            Ok(Parcel { tracking, contents })
        })
        .await?;
    Ok(Receipt { order: order.id, reservation, charge, parcel })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    durable_examples::log_to_stderr();
    durable::run(fulfil).await
}
