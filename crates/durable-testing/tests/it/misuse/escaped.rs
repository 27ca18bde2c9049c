//! Spawned operations that outlive the context they belong to.

use std::sync::Mutex;

use durable_core::operation::{Operation, Spawned};
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use futures_util::future::OptionFuture;

use super::{Problems, SECOND, run};

/// What the handler does with the spawned operation, once its context has ended.
#[derive(Clone, Copy, Debug)]
enum Use {
    /// Waits for it.
    Await,
    /// Waits for it after the execution was suspended.
    AwaitLater,
    /// Waits for it beside something else.
    Join,
    /// Keeps it until the end.
    Keep,
    Drop,
}

const USES: [Use; 5] = [Use::Await, Use::AwaitLater, Use::Join, Use::Keep, Use::Drop];

type Kept<T> = Mutex<Option<Spawned<T>>>;

/// Uses what was spawned in a context that has ended; what it returns, if anything. A context that has ended is not
/// entered on replay, so there may be nothing to use.
async fn make_use<T, E>(how: Use, kept: &Kept<Result<T, E>>, ctx: &DurableContext) -> Result<Option<T>>
where
    T: Send,
    E: Into<Error> + Send,
{
    let spawned = kept.lock().unwrap().take();
    let value = match how {
        Use::Await => OptionFuture::from(spawned).await,
        Use::AwaitLater => {
            ctx.step("between", async |_| Ok(())).await?;
            OptionFuture::from(spawned).await
        }
        Use::Join => {
            let pause = ctx.wait("pause", SECOND).into_future();
            let (value, paused) = tokio::join!(OptionFuture::from(spawned), pause);
            paused?;
            value
        }
        Use::Keep => {
            ctx.step("between", async |_| Ok(())).await?;
            ctx.wait("pause", SECOND).await?;
            drop(spawned);
            None
        }
        Use::Drop => {
            drop(spawned);
            None
        }
    };
    let value = value.transpose().map_err(Into::into)?;
    ctx.step("after", async |_| Ok(())).await?;
    Ok(value)
}

impl Problems {
    /// Checks that it ended in the value, in nothing to wait for, or in an error that names the operation.
    async fn check<F>(
        &mut self,
        label: &str,
        how: Use,
        handler: impl Fn((), DurableContext) -> F + Send + Sync,
    ) where
        F: Future<Output = Result<Option<usize>>> + Send,
    {
        let ended = run(handler).await;
        let succeeded = ended.as_ref().and_then(|execution| execution.result::<Option<usize>>().ok());
        match succeeded {
            Some(None | Some(7)) => {}
            Some(Some(value)) => self.add(label, &format!("it returned {value}")),
            None if matches!(how, Use::Keep | Use::Drop) => self.add(label, &format!("{ended:?}")),
            None => self.expect_failure(label, ended.as_ref(), &["`work`"]),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_child_context_spawned_ends_with_it_or_in_an_error() {
    let mut problems = Problems::default();
    for how in USES {
        for is_done in [false, true] {
            let label = format!("{how:?} of a step, done: {is_done}");
            let handler = async |(): (), ctx: DurableContext| -> Result<Option<usize>> {
                let kept = Kept::default();
                let child = ctx.run_in_child_context("child", async |ctx| {
                    let step = ctx.step("work", move |_| async move {
                        if !is_done {
                            tokio::time::sleep(SECOND).await;
                        }
                        Ok(7_usize)
                    });
                    *kept.lock().unwrap() = Some(step.spawn());
                    ctx.step("beside", async |_| Ok(())).await?;
                    Ok(())
                });
                child.await?;
                make_use(how, &kept, &ctx).await
            };

            problems.check(&label, how, handler).await;
        }
    }
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_a_child_context_spawned_ends_with_it_or_in_an_error() {
    let mut problems = Problems::default();
    for how in USES {
        let handler = async |(): (), ctx: DurableContext| -> Result<Option<usize>> {
            let kept = Kept::default();
            let child = ctx.run_in_child_context("child", async |ctx| {
                *kept.lock().unwrap() = Some(ctx.wait("work", 5 * SECOND).spawn());
                ctx.step("beside", async |_| Ok(())).await?;
                Ok(())
            });
            child.await?;
            Ok(make_use(how, &kept, &ctx).await?.map(|()| 7))
        };

        problems.check(&format!("{how:?} of a wait"), how, handler).await;
    }
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn a_context_that_a_child_context_spawned_ends_with_it_or_in_an_error() {
    let mut problems = Problems::default();
    for how in USES {
        let handler = async |(): (), ctx: DurableContext| -> Result<Option<usize>> {
            let kept = Kept::default();
            let child = ctx.run_in_child_context("child", async |ctx| {
                let inner = ctx.run_in_child_context("work", |ctx: DurableContext| async move {
                    ctx.wait("pause", 2 * SECOND).await?;
                    ctx.step("inside", async |_| Ok(7_usize)).await
                });
                *kept.lock().unwrap() = Some(inner.spawn());
                ctx.step("beside", async |_| Ok(())).await?;
                Ok(())
            });
            child.await?;
            make_use(how, &kept, &ctx).await
        };

        problems.check(&format!("{how:?} of a context"), how, handler).await;
    }
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn what_a_context_that_is_not_recorded_spawned_ends_in_its_value_or_in_an_error() {
    let mut problems = Problems::default();
    for how in USES {
        let handler = async |(): (), ctx: DurableContext| -> Result<Option<usize>> {
            let kept = Kept::default();
            let child = ctx.run_in_child_context("child", async |ctx| {
                *kept.lock().unwrap() = Some(ctx.step("work", async |_| Ok(7_usize)).spawn());
                Ok(())
            });
            child.virtual_context().await?;
            make_use(how, &kept, &ctx).await
        };

        problems.check(&format!("{how:?} from a virtual context"), how, handler).await;
    }
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn what_a_map_item_spawned_ends_with_it_or_in_an_error() {
    let mut problems = Problems::default();
    for how in USES {
        for is_flat in [false, true] {
            let handler = async |(): (), ctx: DurableContext| -> Result<Option<usize>> {
                let kept = Kept::default();
                let map = ctx.map("map", 0..2, async |ctx, item, _| {
                    if item == 0 {
                        let step = ctx.step("work", |_| async {
                            tokio::time::sleep(SECOND).await;
                            Ok(7_usize)
                        });
                        *kept.lock().unwrap() = Some(step.spawn());
                    }
                    ctx.step("beside", async |_| Ok(())).await?;
                    Ok(())
                });
                let map = if is_flat { map.flat() } else { map };
                map.await?;
                make_use(how, &kept, &ctx).await
            };

            problems.check(&format!("{how:?} from an item, flat: {is_flat}"), how, handler).await;
        }
    }
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn what_a_failed_attempt_of_a_block_spawned_ends_in_its_value_or_in_an_error() {
    let handler = async |(): (), ctx: DurableContext| -> Result<Option<usize>> {
        let kept = Kept::default();
        let block = ctx.with_retry("block", async |ctx, attempt| {
            if attempt == 1 {
                *kept.lock().unwrap() = Some(ctx.step("work", async |_| Ok(7_usize)).spawn());
                return Err(Error::msg("not yet"));
            }
            make_use(Use::Await, &kept, &ctx).await
        });
        block.retry(RetryStrategy::fixed(SECOND)).await
    };

    let mut problems = Problems::default();
    problems.check("a block", Use::Await, handler).await;
    problems.assert_none();
}

#[tokio::test(start_paused = true)]
async fn what_the_handler_spawned_may_be_awaited_in_a_child_context() {
    let handler = async |(): (), ctx: DurableContext| -> Result<usize> {
        let kept = Mutex::new(Some(ctx.step("work", async |_| Ok(7_usize)).spawn()));
        let child = ctx.run_in_child_context("child", async |ctx| {
            let spawned = kept.lock().unwrap().take();
            let value = spawned.ok_or_else(|| Error::msg("the body runs once"))?.await?;
            ctx.step("inside", async |_| Ok(value)).await
        });
        let value = child.await?;
        ctx.wait("pause", SECOND).await?;
        Ok(value)
    };

    let execution = run(handler).await.unwrap();

    assert_eq!(execution.result::<usize>().unwrap(), 7);
}
