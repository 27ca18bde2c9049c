//! Operations over the items of collections in no order.

use std::collections::{HashMap, HashSet};

use durable::{DurableContext, Result, handler};

#[handler]
async fn event(prices: HashMap<String, u32>, ctx: DurableContext) -> Result<u32> {
    for (item, price) in &prices {
        ctx.step(item.as_str(), async |_| Ok(*price)).await?;
    }
    Ok(1)
}

#[handler]
async fn locals(orders: Vec<u32>, ctx: DurableContext) -> Result<u32> {
    let mut counts = std::collections::HashMap::new();
    for order in &orders {
        *counts.entry(order).or_insert(0) += 1;
    }
    for order in counts.keys().filter(|order| ***order > 1) {
        ship(&ctx, **order).await?;
    }

    let unique: HashSet<u32> = orders.into_iter().collect();
    let steps: Vec<_> = unique.iter().map(|order| ctx.step("ship", move |_| ready(*order))).collect();

    let unsorted: Vec<_> = unique.iter().collect();
    for order in unsorted {
        durable::race!(ctx, "ship", ready(*order), ready(0)).await?;
    }
    Ok(1)
}

#[handler]
async fn maps(orders: HashSet<u32>, ctx: DurableContext) -> Result<u32> {
    ctx.map("ship", &orders, async |_, order, _| Ok(*order)).await?;
    ctx.run_in_child_context("child", async |inner| {
        for _order in orders.iter() {
            inner.wait("settle", std::time::Duration::from_secs(1)).await?;
        }
        Ok(())
    })
    .await?;
    let ship = async |order: u32| ctx.step("ship", async |_| Ok(order)).await;
    for order in orders {
        ship(order).await?;
    }
    Ok(1)
}

fn main() {}
