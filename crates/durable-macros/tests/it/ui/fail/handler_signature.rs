//! What a handler's signature must not be, found without types.

use durable::{DurableContext, Result, handler};

#[handler]
fn not_async(event: u32, ctx: DurableContext) -> Result<u32> {
    Ok(event)
}

#[handler]
async fn no_result(event: u32, ctx: DurableContext) {}

#[handler]
async fn no_context(event: u32) -> Result<u32> {
    Ok(event)
}

#[handler]
async fn no_event(ctx: DurableContext) -> Result<u32> {
    Ok(1)
}

#[handler]
async fn nothing() -> Result<u32> {
    Ok(1)
}

#[handler]
async fn context_first(ctx: DurableContext, event: u32) -> Result<u32> {
    Ok(event)
}

#[handler]
async fn other_context(event: u32, ctx: String) -> Result<u32> {
    Ok(event)
}

#[handler]
async fn borrowed_context(event: u32, ctx: &DurableContext) -> Result<u32> {
    Ok(event)
}

#[handler]
async fn borrowed_event(event: &str, ctx: DurableContext) -> Result<u32> {
    Ok(1)
}

#[handler]
async fn state_before_context(event: u32, state: &str, ctx: DurableContext) -> Result<u32> {
    Ok(event)
}

#[handler]
async fn changed_state(event: u32, ctx: DurableContext, state: &mut u32) -> Result<u32> {
    Ok(event)
}

#[handler]
async fn two_contexts(event: u32, ctx: DurableContext, other: &DurableContext) -> Result<u32> {
    Ok(event)
}

#[handler(retry = none)]
async fn unknown_option(event: u32, ctx: DurableContext) -> Result<u32> {
    Ok(event)
}

#[handler(allow(panics))]
async fn unknown_check(event: u32, ctx: DurableContext) -> Result<u32> {
    Ok(event)
}

#[handler]
struct NotAFunction;

struct Shop;

impl Shop {
    #[handler]
    async fn fulfil(&self, event: u32, ctx: DurableContext) -> Result<u32> {
        Ok(event)
    }
}

fn main() {}
