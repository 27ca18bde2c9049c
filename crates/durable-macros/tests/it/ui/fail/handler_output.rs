//! A handler whose output cannot be written.

use durable::{DurableContext, Result, handler};

struct Receipt;

#[handler]
async fn fulfil(_order: u32, _ctx: DurableContext) -> Result<Receipt> {
    Ok(Receipt)
}

fn main() {}
