//! Open parallels: typed handles, and branches added after others have ended.

use std::collections::BTreeMap;

use durable::prelude::*;

#[durable::handler]
pub(crate) async fn typed_handles(
    _: (),
    ctx: DurableContext,
) -> Result<(String, u32, BTreeMap<String, String>)> {
    let mut open = ctx.open_parallel("typed-branches").max_concurrency(1);
    let status = open.branch("status", async |_| Ok("reserved".to_owned()));
    let code = open.branch("code", async |_| Ok(200));
    let price =
        open.branch("price", async |_| Ok(BTreeMap::from([("currency".to_owned(), "USD".to_owned())])));
    open.close().await?;
    Ok((status.await?, code.await?, price.await?))
}

#[durable::handler]
pub(crate) async fn starts_early(_: (), ctx: DurableContext) -> Result<(String, String)> {
    let mut open = ctx.open_parallel("early-start").max_concurrency(1);
    let first = open.branch("first", async |_| Ok("ready".to_owned())).await?;
    let used = first.clone();
    let second = open.branch("second", async move |_| Ok(format!("{used}-second")));
    open.close().await?;
    Ok((first, second.await?))
}
