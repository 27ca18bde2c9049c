//! The descriptors of handlers.

#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations, rust_2018_idioms)]

use std::borrow::Cow;
use std::marker::PhantomData;

use durable::{DurableContext, Function, Result, handler};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// An event with a bound on its type.
#[derive(Debug, Serialize, Deserialize)]
pub struct Tagged<T: Copy>(T);

mod taxes {
    use super::*;

    /// Documented.
    #[handler]
    pub(crate) async fn tax(cents: u64, _ctx: DurableContext) -> Result<u64> {
        Ok(cents / 5)
    }
}

use taxes::tax;

#[handler]
async fn with_state(cents: u64, _ctx: DurableContext, rate: &u64) -> Result<u64> {
    Ok(cents / rate)
}

#[handler]
async fn generic<'a, T, S, U, const N: usize>(
    event: Tagged<T>,
    _ctx: DurableContext,
    _state: &'a S,
    _numbers: [u8; N],
) -> Result<Option<U>>
where
    T: Copy + DeserializeOwned + Into<U> + Send,
    S: Sync,
    U: Serialize + DeserializeOwned + Send + Sync,
{
    Ok(Some(event.0.into()))
}

#[handler]
async fn array<const N: usize>(event: Vec<u8>, _ctx: DurableContext) -> Result<PhantomData<[u8; N]>> {
    drop(event);
    Ok(PhantomData)
}

#[handler]
async fn text(event: Cow<'_, str>, _ctx: DurableContext) -> std::io::Result<String> {
    Ok(event.into_owned())
}

/// A function in another language.
pub const PRINT: Function<String, ()> = Function::new("print:live");

#[handler]
async fn caller(cents: u64, ctx: DurableContext) -> Result<u64> {
    let tax = ctx.invoke("tax", tax::function("tax:live"), &cents).await?;
    let twice = ctx.invoke("state", with_state::function(String::from("tax:7")), tax).await?;
    let maybe = ctx.invoke("generic", generic::function::<u8, u32>("generic"), Tagged(7)).await?;
    let _ = ctx.invoke("array", array::function::<4>("array"), vec![]).await?;
    let text = ctx.invoke("text", text::function("text"), Cow::Borrowed("Ada")).await?;
    ctx.invoke("print", PRINT, &text).await?;
    ctx.invoke("print", PRINT, "Ada").ignore_result().await?;
    Ok(twice + u64::from(maybe.unwrap_or_default()))
}

fn main() {
    let _ = (caller, with_state::with(&7), generic::with::<u8, u32, u32, 2>(&7, [1, 2]));
    let described: Function<u64, u64> = caller::function("caller:live");
    assert_eq!(described.name(), "caller:live");
}
