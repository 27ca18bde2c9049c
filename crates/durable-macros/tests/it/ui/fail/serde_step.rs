//! Steps whose results cannot be recorded.

use durable::prelude::*;

struct Response {
    id: u32,
}

#[derive(serde::Serialize)]
struct Report {
    id: u32,
}

async fn call(order: &str) -> std::io::Result<Response> {
    Ok(Response { id: order.len().try_into().unwrap_or(0) })
}

async fn neither(order: String, ctx: DurableContext) -> Result<u32> {
    let response = ctx
        .step("call", async |_| {
            let response = call(&order).await?;
            Ok(response)
        })
        .retry(RetryStrategy::none())
        .await?;
    Ok(response.id)
}

async fn only_serialize(_: (), ctx: DurableContext) -> Result<u32> {
    let report = ctx.step("report", async |_| Ok(Report { id: 1 })).await?;
    Ok(report.id)
}

#[durable::step]
async fn macro_step(order: &str) -> Result<Response> {
    Ok(call(order).await?)
}

fn main() {}
