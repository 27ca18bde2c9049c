//! A function that calls others, one after the other, and gives back what they return.

use durable::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Calls {
    calls: Vec<String>,
}

#[durable::handler]
async fn caller(input: Calls, ctx: DurableContext) -> Result<Vec<Value>> {
    let mut returned = Vec::new();
    for function in input.calls {
        let value: Value =
            ctx.invoke(format!("call-{function}"), function, &json!({ "name": "Ada" })).await?;
        returned.push(value);
    }
    Ok(returned)
}

#[tokio::main]
async fn main() -> Result<()> {
    durable::run(caller).await
}
