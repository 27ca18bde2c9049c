//! What a step's signature must not be, found without types.

use durable::{DurableContext, Result, StepContext, step};

#[step]
fn not_async(id: u32) -> Result<u32> {
    Ok(id)
}

#[step]
async fn no_result(id: u32) {
    let _ = id;
}

#[step]
async fn with_durable_context(ctx: &DurableContext, id: u32) -> Result<u32> {
    Ok(id)
}

#[step]
async fn step_context_last(id: u32, step: StepContext) -> Result<u32> {
    Ok(id + step.attempt())
}

#[step]
async fn changes_in_place(ids: &mut Vec<u32>) -> Result<()> {
    ids.clear();
    Ok(())
}

#[step]
async fn borrowed(text: &str) -> Result<&str> {
    Ok(text)
}

#[step]
async unsafe fn not_safe(id: u32) -> Result<u32> {
    Ok(id)
}

#[step]
async fn größe(id: u32) -> Result<u32> {
    Ok(id)
}

#[step]
const NOT_A_FUNCTION: u32 = 1;

struct Shop;

impl Shop {
    #[step]
    async fn charge(&self, id: u32) -> Result<u32> {
        Ok(id)
    }
}

fn main() {}
