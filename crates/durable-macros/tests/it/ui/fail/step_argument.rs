//! A step with an argument that cannot be given to a second attempt.

use durable::{Result, step};

struct Order;

#[step]
async fn charge(order: Order) -> Result<u32> {
    let Order = order;
    Ok(1)
}

fn main() {}
