//! Payloads and results that do not match the descriptor of the function.

use durable::{DurableContext, Function, Result, handler};

const TAX: Function<u64, u64> = Function::new("tax:live");

#[handler]
async fn payload(name: String, ctx: DurableContext) -> Result<u64> {
    ctx.invoke("tax", TAX, &name).await
}

#[handler]
async fn result(cents: u64, ctx: DurableContext) -> Result<String> {
    let tax: String = ctx.invoke("tax", TAX, &cents).await?;
    Ok(tax)
}

#[handler]
async fn no_function(cents: u64, ctx: DurableContext) -> Result<u64> {
    let tax: u64 = ctx.invoke("tax", 7, &cents).await?;
    Ok(tax)
}

fn main() {}
