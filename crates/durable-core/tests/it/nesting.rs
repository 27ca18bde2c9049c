//! How deep contexts may be nested.

use std::pin::Pin;

use durable_core::{DurableContext, Result};

use crate::ledger::{Ledger, error, result};

type Depth<'c> = Pin<Box<dyn Future<Output = Result<u32>> + Send + 'c>>;

/// A child context in a child context, so many times.
fn nested(ctx: DurableContext, levels: u32) -> Depth<'static> {
    Box::pin(async move {
        if levels == 0 {
            return Ok(0);
        }
        let below = ctx.run_in_child_context("level", async |ctx| nested(ctx, levels - 1).await).await?;
        Ok(below + 1)
    })
}

async fn dig(levels: u32, ctx: DurableContext) -> Result<u32> {
    nested(ctx, levels).await
}

#[tokio::test]
async fn sixty_four_contexts_may_be_nested() {
    let answer = Ledger::new(&64).run(&dig).await;

    assert_eq!(result(answer), "64");
}

#[tokio::test]
async fn one_more_fails_the_execution_before_the_stack_ends() {
    let answer = Ledger::new(&5_000).run(&dig).await;

    let (error_type, message) = error(answer);
    assert_eq!(error_type, "ContextMisuseError");
    assert!(message.contains("`level` would be nested in 64 other contexts"), "{message}");
}
