//! Sagas.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::error::BoxError;
use durable_core::retry::RetryStrategy;
use durable_core::serdes::{DeserializeValue, SerdesContext, SerializeValue};
use durable_core::transport::TransportError;
use durable_core::{DurableContext, Error, Result};

use crate::ledger::{Ledger, error, result};

#[tokio::test]
async fn compensations_are_steps_of_the_saga_named_after_what_they_undo() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let trip = ctx.saga("trip", async |_, saga| {
            saga.step("hotel", async |_| Ok(7)).compensate(async |_, _| Ok(())).await?;
            saga.step("car", async |_| Ok(8))
                .compensate(async |_, _| Ok(()))
                .compensation_name("return-car")
                .await?;
            Err(Error::msg("no money"))
        });
        trip.await
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!((error_type.as_str(), message.as_str()), ("Error", "saga `trip` failed: no money"));
    let expected = [
        "START trip",
        "START hotel",
        "SUCCEED hotel",
        "START car",
        "SUCCEED car",
        "START return-car",
        "SUCCEED return-car",
        "START undo-hotel",
        "SUCCEED undo-hotel",
        "FAIL trip",
    ];
    assert_eq!(ledger.calls().concat(), expected);
    assert_eq!(ledger.operation("undo-hotel").parent_id, Some(ledger.operation("trip").id));
}

#[tokio::test]
async fn a_saga_that_ended_is_not_entered_again() {
    static ENTERED: AtomicU32 = AtomicU32::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let entered = ctx.saga("once", async |_, _| Ok(ENTERED.fetch_add(1, Ordering::SeqCst))).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(entered)
    };

    assert_eq!(result(ledger.run(&handler).await), "0");
    assert_eq!(ENTERED.load(Ordering::SeqCst), 1);
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
async fn a_compensation_reads_the_result_with_the_serdes_of_its_step() {
    static UNDONE: AtomicU32 = AtomicU32::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let trip = ctx.saga("trip", async |ctx, saga| {
            let undo = async |booking, _| {
                UNDONE.store(booking, Ordering::SeqCst);
                Ok(())
            };
            saga.using(Hex).step("hotel", async |_| Ok(255)).compensate(undo).await?;
            ctx.wait("think", Duration::from_secs(1)).await?;
            Err(Error::msg("no money"))
        });
        trip.await
    };

    error(ledger.run(&handler).await);

    assert_eq!(ledger.operation("hotel").take_step_details().result.as_deref(), Some("ff"));
    assert_eq!(UNDONE.load(Ordering::SeqCst), 255);
}

/// Writes nothing.
struct Broken;

impl SerializeValue<u32> for Broken {
    async fn serialize(&self, _: &u32, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Err("out of ink".into())
    }
}

impl DeserializeValue<u32> for Broken {
    async fn deserialize(&self, _: &str, _: SerdesContext<'_>) -> Result<u32, BoxError> {
        Err("out of light".into())
    }
}

#[tokio::test]
async fn a_saga_whose_result_cannot_be_written_is_undone() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let trip = ctx.using(Broken).saga("trip", async |_, saga| {
            saga.step("hotel", async |_| Ok(7)).compensate(async |_, _| Ok(())).await
        });
        trip.await
    };

    let (_, message) = error(ledger.run(&handler).await);

    assert!(message.contains("out of ink"), "{message}");
    assert!(ledger.calls().concat().contains(&"SUCCEED undo-hotel".to_owned()));
}

#[tokio::test]
async fn a_step_whose_result_is_too_large_to_record_has_failed_and_is_not_undone() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let trip = ctx.saga("trip", async |_, saga| {
            saga.step("hotel", async |_| Ok("x".repeat(2_000_000))).compensate(async |_, _| Ok(())).await?;
            Ok(())
        });
        trip.await
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "PayloadTooLargeError", "{message}");
    assert_eq!(ledger.calls().concat(), ["START trip", "START hotel", "FAIL hotel", "FAIL trip"]);
}

#[tokio::test]
async fn a_step_whose_compensation_has_a_name_that_is_not_allowed_is_not_started() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let trip = ctx.saga("trip", async |_, saga| {
            saga.step("hotel", async |_| Ok(7)).compensate(async |_, _| Ok(())).compensation_name("").await?;
            Ok(())
        });
        trip.await
    };

    let (_, message) = error(ledger.run(&handler).await);

    assert!(message.contains("step `hotel` failed") && message.contains("compensation"), "{message}");
    assert_eq!(ledger.calls().concat(), ["START trip", "FAIL trip"]);
}

#[tokio::test]
async fn a_compensation_by_hand_whose_name_is_not_allowed_fails_the_execution() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let trip = ctx.saga("trip", async |ctx, saga| {
            saga.compensate("", async |_| Ok(()));
            ctx.wait("think", Duration::from_secs(1)).await
        });
        trip.await
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "ContextMisuseError");
    assert!(message.contains("compensation"), "{message}");
}

#[tokio::test]
async fn a_compensation_that_is_registered_in_a_child_context_fails_the_execution() {
    for is_step in [true, false] {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<()> {
            let trip = ctx.saga("trip", async |ctx, saga| {
                let saga = &saga;
                let inner = ctx.run_in_child_context("inner", async |_| {
                    if is_step {
                        saga.step("hotel", async |_| Ok(7)).compensate(async |_, _| Ok(())).await?;
                    } else {
                        saga.compensate("undo-hotel", async |_| Ok(()));
                    }
                    Ok(())
                });
                inner.await
            });
            trip.await
        };

        let (error_type, message) = error(ledger.run(&handler).await);

        assert_eq!(error_type, "ContextMisuseError");
        assert!(message.contains("`undo-hotel`") && message.contains("child context"), "{message}");
    }
}

#[tokio::test]
async fn a_virtual_context_in_a_saga_may_register_compensations() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let trip = ctx.saga("trip", async |ctx, saga| {
            let saga = &saga;
            let scope = ctx.run_in_child_context("scope", async |_| {
                saga.step("hotel", async |_| Ok(7)).compensate(async |_, _| Ok(())).await?;
                Err::<(), _>(Error::msg("no money"))
            });
            scope.virtual_context().await
        });
        trip.await
    };

    error(ledger.run(&handler).await);

    assert!(ledger.calls().concat().contains(&"SUCCEED undo-hotel".to_owned()));
}

#[tokio::test]
async fn compensations_carry_on_though_a_replay_comes_to_their_steps_in_another_order() {
    let ledger = Ledger::new(&());
    let refunded = Mutex::new(Vec::new());
    let refund = async |leg: &'static str, _| {
        let mut refunded = refunded.lock().unwrap();
        refunded.push(leg);
        if refunded.as_slice() == ["left", "right"] {
            ledger.fail_next(TransportError::invocation("the network is gone"));
        }
        Ok(())
    };
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let trip = ctx.saga("trip", async |ctx, saga| {
            let left = async {
                ctx.step("left-0", async |_| Ok(())).await?;
                ctx.step("left-1", async |_| Ok(())).await?;
                let left = saga.step("left", async |_| Ok(()));
                left.compensate(|(), step| refund("left", step)).compensation_name("refund").await?;
                durable_core::Ok(())
            };
            let right = async {
                ctx.step("right-0", async |_| Ok(())).await?;
                let right = saga.step("right", async |_| Ok(()));
                right.compensate(|(), step| refund("right", step)).compensation_name("refund").await?;
                durable_core::Ok(())
            };
            let (left, right) = tokio::join!(left, right);
            left.and(right)?;
            Err(Error::msg("no money"))
        });
        trip.await
    };
    ledger.invoke(&handler).await.unwrap_err();
    assert_eq!(ledger.calls().concat().last().unwrap(), "SUCCEED refund");

    // The records do not tell when they ended, so the left side comes to its step first now.
    let (error_type, _) = error(ledger.invoke(&handler).await.unwrap());

    assert_eq!(error_type, "Error");
    assert_eq!(*refunded.lock().unwrap(), ["left", "right", "right"]);
}

#[tokio::test]
async fn the_error_of_a_saga_is_the_same_live_and_on_replay_even_if_it_is_too_large_to_record_whole() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<String>> {
        let saga = || {
            ctx.saga("trip", async |_, saga| {
                let undo = async |_, _| Err(Error::msg("y".repeat(300_000)));
                saga.step("hotel", async |_| Ok(7)).compensate(undo).await?;
                Err::<(), _>(Error::msg("no money"))
            })
            .compensation_retry(RetryStrategy::none())
        };
        let error = saga().await.unwrap_err();
        ctx.wait("pause", Duration::from_secs(1)).await?;
        assert!(!error.is_compensated());
        Ok(vec![error.to_string(), format!("{:?}", error.failed_compensations())])
    };

    let text = result(ledger.run(&handler).await);

    assert!(text.contains("saga `trip` failed: no money; compensations that failed: `undo-hotel`"), "{text}");
}
