//! A choice between futures that is not recorded.

use durable::{DurableContext, Result, handler};

/// As in `tokio` and in `futures`.
mod tokio {
    macro_rules! select {
        ($($tokens:tt)*) => {
            1
        };
    }
    pub(crate) use select;
    pub(crate) use select as select_biased;
}

#[handler]
async fn plain(_event: (), _ctx: DurableContext) -> Result<u32> {
    let first = tokio::select! {
        a = _ctx.step("a", async |_| Ok(1)) => a?,
        b = _ctx.step("b", async |_| Ok(2)) => b?,
    };
    Ok(first)
}

#[handler]
async fn in_a_child(_event: (), ctx: DurableContext) -> Result<()> {
    ctx.run_in_child_context("child", async |_ctx| {
        let first = tokio::select_biased! {
            a = _ctx.step("a", async |_| Ok(1)).into_future() => a?,
        };
        Ok(first)
    })
    .await?;
    Ok(())
}

fn main() {}
