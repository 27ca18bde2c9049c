//! Results of any kind, with no annotations but those that are needed.

use durable::prelude::*;
use durable::error::BoxError;
use durable::operation::Payload;
use durable::serdes::{DeserializeValue, SerdesContext, SerializeValue};

/// A type that serde does not know.
struct Image(u32);

struct Png;

impl SerializeValue<Image> for Png {
    async fn serialize(&self, image: &Image, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(image.0.to_string())
    }
}

impl DeserializeValue<Image> for Png {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<Image, BoxError> {
        Ok(Image(text.parse()?))
    }
}

async fn foreign_types(_: (), ctx: DurableContext) -> Result<u32> {
    let png = ctx.using(Png);
    let step = png.step("step", async |_| Ok(Image(1))).await?;
    let child = png.run_in_child_context("child", async |_| Ok(Image(2))).await?;
    let block = png.with_retry("block", async |_, _| Ok(Image(3))).await?;
    let map = png.map("map", [1, 2], async |_, width, _| Ok(Image(width))).await?;
    let parallel = png.parallel("parallel").branch("one", async |_| Ok(Image(4))).await?;
    let saga = png.saga("saga", async |_, saga| {
        let saga = saga.using(Png);
        saga.step("step", async |_| Ok(Image(5))).compensate(async |_: Image, _| Ok(())).await
    });
    let payload = Payload::with_serdes(Image(6), Png);
    let called = png.invoke("call", "images:live", payload).await?;
    let answer = png.wait_for_callback("answer", async |_, _| Ok(())).await?;
    let callback = png.create_callback("callback").await?;
    let images = [step, child, block, saga.await?, called, answer, callback.await?];
    let sum: u32 = images.iter().map(|image| image.0).sum();
    Ok(sum + map.values().chain(parallel.values()).map(|image| image.0).sum::<u32>())
}

async fn ignored(_: (), ctx: DurableContext) -> Result<()> {
    ctx.invoke("call", "other:live", &1).ignore_result().await?;
    ctx.wait_for_callback("answer", async |_, _| Ok(())).timeout(Duration::from_secs(60)).ignore_answer().await?;
    let callback = ctx.create_callback("callback").ignore_answer().await?;
    callback.await?;
    ctx.step("fail", async |_| Err::<(), _>(Error::msg("no"))).await
}

async fn owned_bodies(items: Vec<String>, ctx: DurableContext) -> Result<usize> {
    let mut sum = 0;
    for item in items {
        let body = move |_| {
            let item = item.clone();
            async move { Ok(item.len()) }
        };
        sum += ctx.step("item", body).await?;
    }
    Ok(sum)
}

fn is_send<I, T: Send>(_: impl Fn(I, DurableContext) -> T) {}

fn main() {
    is_send(foreign_types);
    is_send(ignored);
    is_send(owned_bodies);
}
