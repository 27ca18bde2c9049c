//! A function that calls others, one after the other, and gives back what they return or how they fail. Whoever gives a
//! name instead is refused.

use durable::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request {
    Calls(Vec<String>),
    Fails(String),
    Name(String),
}

#[derive(Debug)]
struct Refusal(String);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is refused by Rust", self.0)
    }
}

impl std::error::Error for Refusal {}

#[durable::handler]
async fn caller(request: Request, ctx: DurableContext) -> Result<Value> {
    match request {
        Request::Calls(functions) => {
            let mut returned = Vec::new();
            for function in functions {
                returned.push(call(&ctx, function).await?);
            }
            Ok(returned.into())
        }
        Request::Fails(function) => match call(&ctx, function).await {
            Ok(value) => Ok(value),
            Err(error) => Ok(json!({ "type": error.error_type(), "message": error.message() })),
        },
        Request::Name(name) => Err(Refusal(name).into()),
    }
}

async fn call(ctx: &DurableContext, function: String) -> Result<Value> {
    ctx.invoke(format!("call-{function}"), function, &json!({ "name": "Ada" })).await
}

#[tokio::main]
async fn main() -> Result<()> {
    durable::run(caller).await
}
