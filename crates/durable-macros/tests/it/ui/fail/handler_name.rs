//! A handler with the name of a module.

use durable::{DurableContext, Result, handler};

mod fulfil {}

#[handler]
async fn fulfil(order: u32, _ctx: DurableContext) -> Result<u32> {
    Ok(order)
}

fn main() {}
