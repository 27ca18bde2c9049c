//! I/O and blocking calls in a handler, outside of steps.

use durable::{DurableContext, Result, handler};

#[handler]
async fn files(path: String, _ctx: DurableContext) -> Result<String> {
    let _file = std::fs::File::open(&path)?;
    let _output = std::process::Command::new("ls").output()?;
    Ok(tokio::fs::read_to_string(&path).await?)
}

#[handler]
async fn network(url: String, _ctx: DurableContext) -> Result<String> {
    let _socket = tokio::net::TcpStream::connect(&url).await?;
    Ok(reqwest::get(&url).await?.text().await?)
}

#[handler]
async fn requests(id: String, ctx: DurableContext) -> Result<u32> {
    let (client, pool) = clients();
    client.get_item().key(&id).send().await?;
    let order: u32 = query("SELECT 1").fetch_one(pool).await?;
    ctx.run_in_child_context("child", async |_| Ok(query("DELETE").execute(pool).await?)).await?;
    Ok(order)
}

#[handler]
async fn blocking(_event: (), _ctx: DurableContext) -> Result<()> {
    tokio::runtime::Handle::current().block_on(std::future::ready(()));
    tokio::task::block_in_place(|| ());
    Ok(())
}

fn main() {}
