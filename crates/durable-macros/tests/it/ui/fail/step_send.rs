//! A step whose future cannot move between threads.

use durable::{Result, step};

#[step]
async fn count() -> Result<u32> {
    let counter = std::rc::Rc::new(1);
    std::future::ready(()).await;
    Ok(*counter)
}

fn main() {}
