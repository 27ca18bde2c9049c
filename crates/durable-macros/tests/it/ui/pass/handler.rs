//! Handlers as they may be written.

use std::time::SystemTime;

use durable::{DurableContext, Error, Result, handler};

#[handler]
async fn plain(event: String, _ctx: DurableContext) -> Result<usize> {
    Ok(event.len())
}

/// The clock may be read in a step, and in functions that the handler declares.
#[handler]
pub async fn in_a_step(_event: (), ctx: DurableContext) -> Result<SystemTime> {
    fn now() -> SystemTime {
        SystemTime::now()
    }
    let now = ctx.step("now", async |_| Ok(SystemTime::now().max(now()))).await?;
    Ok(now)
}

#[handler(allow(nondeterminism))]
async fn allowed(_event: (), _ctx: DurableContext) -> std::io::Result<()> {
    let _begun = std::time::Instant::now();
    Ok(())
}

#[handler(crate = ::durable)]
async fn with_path<T>(event: Vec<T>, _: durable::DurableContext) -> std::result::Result<Option<T>, Error>
where
    T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync,
{
    Ok(event.into_iter().next())
}

fn main() {
    #[handler]
    async fn local((a, b): (u32, u32), _ctx: DurableContext) -> Result<u32> {
        Ok(a + b)
    }
    let _ = (plain, in_a_step, allowed, with_path::<u32>, local);
}
