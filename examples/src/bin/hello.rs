//! The smallest durable function: one step.
//!
//! `cargo run --bin durable -- run hello --input examples/hello.json`

use durable::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Visitor {
    name: String,
}

#[derive(Serialize, Deserialize)]
struct Greeting {
    text: String,
}

#[durable::step]
async fn compose(name: &str) -> Result<String> {
    Ok(format!("Hello, {name}!"))
}

#[durable::handler]
async fn hello(visitor: Visitor, ctx: DurableContext) -> Result<Greeting> {
    let text = compose(&ctx, &visitor.name).await?;
    Ok(Greeting { text })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    durable_examples::log_to_stderr();
    durable::run(hello).await
}
