//! Calls in a handler whose outcome differs on replay.

use std::time::{Duration, Instant, SystemTime};

use durable::{DurableContext, Result, handler};

#[handler]
async fn clocks(_event: u32, _ctx: DurableContext) -> Result<u32> {
    let _now = SystemTime::now();
    let _begun: Vec<Instant> = [1].iter().map(|_| std::time::Instant::now()).collect();
    Ok(1)
}

#[handler]
async fn environment(_event: u32, _ctx: DurableContext) -> Result<String> {
    Ok(format!("stage {}", std::env::var("STAGE").unwrap_or_default()))
}

#[handler]
async fn sleep(_event: u32, ctx: DurableContext) -> Result<u32> {
    ctx.run_in_child_context("nap", async |_ctx| {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(())
    })
    .await?;
    Ok(1)
}

#[handler]
async fn tasks(_event: u32, _ctx: DurableContext) -> Result<u32> {
    tokio::spawn(async {});
    Ok(1)
}

#[handler]
async fn random(_event: Option<String>, _ctx: DurableContext) -> Result<String> {
    Ok(_event.unwrap_or_else(Uuid::new_v4))
}

struct Uuid;

impl Uuid {
    fn new_v4() -> String {
        String::new()
    }
}

fn main() {}
