//! A handler whose future cannot move between threads.

use durable::{DurableContext, Result, handler};

#[handler]
async fn count(_event: u32, _ctx: DurableContext) -> Result<u32> {
    let counter = std::rc::Rc::new(1);
    std::future::ready(()).await;
    Ok(*counter)
}

fn main() {}
