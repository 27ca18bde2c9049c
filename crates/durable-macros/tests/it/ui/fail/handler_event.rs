//! A handler whose event cannot be read.

use durable::{DurableContext, Result, handler};

struct Order;

#[handler]
async fn fulfil(_order: Order, _ctx: DurableContext) -> Result<u32> {
    Ok(1)
}

fn main() {}
