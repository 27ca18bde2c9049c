//! A handler that does not return a `Result`.

use durable::{DurableContext, handler};

#[handler]
async fn answer(_event: u32, _ctx: DurableContext) -> u32 {
    42
}

fn main() {}
