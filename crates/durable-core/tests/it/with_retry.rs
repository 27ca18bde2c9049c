//! Blocks that are tried again.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::error::BoxError;
use durable_core::retry::{Jitter, RetryStrategy};
use durable_core::serdes::{DeserializeValue, SerdesContext, SerializeValue};
use durable_core::types::OperationUpdate;
use durable_core::{DurableContext, Error, Result};
use durable_macros::DurableError;
use serde::{Deserialize, Serialize};

use crate::ledger::{Ledger, error, result};

fn twice() -> RetryStrategy {
    RetryStrategy::fixed(Duration::from_secs(3)).max_attempts(2).into()
}

#[tokio::test]
async fn a_block_that_fails_runs_again_with_operations_of_its_own() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(u32, u32)> {
        let block = ctx.with_retry("ship", async |ctx, attempt| {
            let packed = ctx.step("pack", async |_| Ok(10 * attempt)).await?;
            if attempt == 1 {
                return Err(Error::msg("the parcel broke"));
            }
            Ok((packed, attempt))
        });
        block.retry(twice()).await
    };

    assert_eq!(result(ledger.run(&handler).await), "[20,2]");

    let calls = ledger.calls().concat();
    let expected = [
        "START ship",
        "START pack",
        "SUCCEED pack",
        "START ship-backoff-1",
        "START pack",
        "SUCCEED pack",
        "SUCCEED ship",
    ];
    assert_eq!(calls, expected);
}

#[tokio::test]
async fn what_a_block_does_belongs_to_one_context_and_attempts_are_not_recorded() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let block = ctx.with_retry("ship", async |ctx, attempt| {
            ctx.wait("dry", Duration::from_secs(1)).await?;
            if attempt == 1 { Err(Error::msg("wet")) } else { Ok(attempt) }
        });
        block.retry(twice()).await
    };

    assert_eq!(result(ledger.run(&handler).await), "2");

    let ship = ledger.operation("ship");
    assert_eq!(ship.sub_type.as_deref(), Some("WithRetry"));
    let updates = ledger.updates().concat();
    let inside: Vec<&OperationUpdate> =
        updates.iter().filter(|update| update.operation_id != ship.id).collect();
    assert_eq!(inside.len(), 3, "two waits and one backoff");
    assert!(inside.iter().all(|update| update.parent_id.as_ref() == Some(&ship.id)));
}

#[derive(Debug, PartialEq, Serialize, Deserialize, DurableError)]
#[durable(crate = durable_core)]
struct Declined {
    code: u32,
}

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "declined ({})", self.code)
    }
}

impl std::error::Error for Declined {}

#[tokio::test]
async fn the_error_of_the_last_attempt_is_the_error_of_the_block_live_and_on_replay() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, u32)> {
        let block =
            ctx.with_retry("pay", async |_, attempt| Err::<(), _>(Error::typed(Declined { code: attempt })));
        let error = block.retry(twice()).await.unwrap_err();
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok((error.to_string(), error.downcast_ref::<Declined>().unwrap().code))
    };

    let text = r#"["retry block `pay` failed: declined (2)",2]"#;
    assert_eq!(result(ledger.run(&handler).await), text);
}

#[tokio::test]
async fn the_error_of_an_operation_in_a_block_keeps_its_data() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Option<String>> {
        let block = ctx.with_retry("pay", async |ctx, attempt| {
            let step = ctx.step("charge", async |_| Err::<(), _>(Error::typed(Declined { code: attempt })));
            step.retry(RetryStrategy::none()).await
        });
        let error = block.retry(twice()).await.unwrap_err();
        Ok(error.data().map(str::to_owned))
    };

    assert_eq!(result(ledger.run(&handler).await), r#""{\"code\":2}""#);
}

#[tokio::test]
async fn an_error_that_the_predicate_refuses_is_final_at_once() {
    static ATTEMPTS: AtomicU32 = AtomicU32::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let block = ctx.with_retry("pay", async |ctx, _| {
            let step = ctx.step("charge", async |_| {
                ATTEMPTS.fetch_add(1, Ordering::SeqCst);
                Err::<(), _>(Error::typed(Declined { code: 51 }))
            });
            step.retry(RetryStrategy::none()).await
        });
        let is_final =
            |error: &Error| error.downcast_ref::<Declined>().is_some_and(|declined| declined.code == 51);
        block.retry_if(|error| !is_final(error)).await
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "it::with_retry::Declined");
    assert!(message.starts_with("retry block `pay` failed: step `charge` failed"), "{message}");
    assert_eq!(ATTEMPTS.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_block_that_panics_is_tried_again() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let block = ctx.with_retry("fragile", async |_, attempt| {
            assert!(attempt > 1, "the first attempt panics");
            Ok(attempt)
        });
        block.retry(twice()).await
    };

    assert_eq!(result(ledger.run(&handler).await), "2");
}

#[tokio::test]
async fn delays_between_attempts_are_drawn_once_for_all_replays() {
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let block = ctx.with_retry(
            "pay",
            async |_, attempt| {
                if attempt < 4 { Err(Error::msg("not yet")) } else { Ok(attempt) }
            },
        );
        let strategy = RetryStrategy::fixed(Duration::from_hours(1)).jitter(Jitter::Full);
        block.retry(strategy).await
    };
    let mut drawn = Vec::new();
    for _ in 0..2 {
        let ledger = Ledger::new(&());
        assert_eq!(result(ledger.run(&handler).await), "4");
        let updates = ledger.updates().concat();
        let seconds = updates.iter().filter_map(|update| Some(update.wait_options.as_ref()?.wait_seconds));
        drawn.push(seconds.collect::<Vec<_>>());
    }

    let [first, second] = drawn.as_slice() else { panic!("{drawn:?}") };
    assert_eq!(first, second);
    assert!(first.len() == 3 && first[0] != first[1] && first[1] != first[2], "{first:?}");
}

#[tokio::test]
async fn a_result_too_large_to_record_is_built_again_with_its_failed_attempts() {
    static STEPS: AtomicU32 = AtomicU32::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let block = ctx.with_retry("large", async |ctx, attempt| {
            let step = ctx.step("length", async |_| {
                STEPS.fetch_add(1, Ordering::SeqCst);
                Ok(300_000_usize)
            });
            let length = step.await?;
            if attempt == 1 { Err(Error::msg("too early")) } else { Ok("x".repeat(length)) }
        });
        let large = block.retry(twice()).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(large.len())
    };

    assert_eq!(result(ledger.run(&handler).await), "300000");
    assert_eq!(STEPS.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_block_without_a_name_or_with_a_long_one_has_backoffs_all_the_same() {
    for name in [None, Some("x".repeat(256))] {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
            let name = name.clone().map_or(durable_core::operation::UNNAMED, Into::into);
            let block =
                ctx.with_retry(
                    name,
                    async |_, attempt| {
                        if attempt == 1 { Err(Error::msg("not yet")) } else { Ok(attempt) }
                    },
                );
            block.retry(twice()).await
        };

        assert_eq!(result(ledger.run(&handler).await), "2");

        let backoff = ledger.calls().concat().into_iter().nth(1).unwrap();
        match &name {
            None => assert_eq!(backoff, "START -"),
            Some(name) => assert_eq!(backoff, format!("START {}-backoff-1", &name[..246])),
        }
    }
}

#[tokio::test]
async fn a_block_whose_name_is_not_allowed_is_not_started() {
    let ledger = Ledger::new(&());
    let handler =
        async |_: (), ctx: DurableContext| -> Result<()> { ctx.with_retry("", async |_, _| Ok(())).await };

    let (error_type, _) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "InvalidArgumentError");
    assert!(ledger.calls().is_empty());
}

/// Records numbers in base 16.
struct Hex;

impl SerializeValue<u32> for Hex {
    async fn serialize(&self, value: &u32, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(format!("{value:x}"))
    }
}

impl DeserializeValue<u32> for Hex {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<u32, BoxError> {
        Ok(u32::from_str_radix(text, 16)?)
    }
}

#[tokio::test]
async fn a_block_is_recorded_with_its_serdes() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        ctx.using(Hex).with_retry("number", async |_, _| Ok(255)).await
    };

    assert_eq!(result(ledger.run(&handler).await), "255");
    assert_eq!(ledger.operation("number").take_context_details().result.as_deref(), Some("ff"));
}

#[tokio::test]
async fn the_error_of_an_operation_in_a_block_is_given_back_whole_however_deep_it_was() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(u32, String)> {
        let block = ctx.with_retry("pay", async |ctx, attempt| {
            let paid = ctx.run_in_child_context("till", async |ctx| {
                let step =
                    ctx.step("charge", async |_| Err::<(), _>(Error::typed(Declined { code: attempt })));
                step.retry(RetryStrategy::none()).await
            });
            paid.await
        });
        let error = block.retry(twice()).await.unwrap_err();
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok((error.downcast_ref::<Declined>().unwrap().code, error.error_type().to_owned()))
    };

    assert_eq!(result(ledger.run(&handler).await), r#"[2,"it::with_retry::Declined"]"#);
}
