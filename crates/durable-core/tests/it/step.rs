//! Steps.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::error::BoxError;
use durable_core::operation::StepSemantics;
use durable_core::retry::RetryStrategy;
use durable_core::types::{InvocationOutput, OperationStatus};
use durable_core::{DurableContext, Error, Result};
use durable_macros::DurableError;
use serde::{Deserialize, Serialize};

use crate::ledger::{Ledger, error, result};

#[tokio::test]
async fn a_quick_step_costs_one_checkpoint() {
    let ledger = Ledger::new(&"Ada");
    let greet = async |name: String, ctx: DurableContext| -> Result<String> {
        ctx.step("greet", async |_| Ok(format!("Hello, {name}!"))).await
    };

    let output = ledger.run(&async |name, ctx| greet(name, ctx).await).await;

    assert_eq!(result(output), "\"Hello, Ada!\"");
    assert_eq!(ledger.calls(), [["START greet", "SUCCEED greet"]]);
}

#[tokio::test]
async fn two_hundred_quick_steps_cost_two_hundred_checkpoints() {
    let ledger = Ledger::new(&200);
    let handler = async |steps: u32, ctx: DurableContext| -> Result<u32> {
        let mut sum = 0;
        for step in 0..steps {
            sum += ctx.step("add", async |_| Ok(step)).await?;
        }
        Ok(sum)
    };

    let output = ledger.run(&handler).await;

    assert_eq!(result(output), "19900");
    assert_eq!(ledger.calls().len(), 200);
}

#[tokio::test(start_paused = true)]
async fn the_start_of_a_slow_step_does_not_wait_for_its_end() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let slow = ctx.step("slow", async |_| {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(())
        });
        slow.await
    };

    ledger.run(&handler).await;

    assert_eq!(ledger.calls(), [["START slow"], ["SUCCEED slow"]]);
}

#[tokio::test]
async fn a_replayed_step_does_not_run_again() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let run = ctx.step("count", async |_| Ok(RUNS.fetch_add(1, Ordering::SeqCst))).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(run)
    };

    assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);
    let output = ledger.run(&handler).await;

    assert_eq!(result(output), "0");
    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_failed_attempt_is_tried_again_in_a_later_invocation() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let flaky = ctx.step("flaky", async |step| match step.attempt() {
            1 | 2 => Err(Error::msg("not yet")),
            attempt => Ok(attempt),
        });
        flaky.retry(RetryStrategy::fixed(Duration::from_secs(7))).await
    };

    assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);
    let output = ledger.run(&handler).await;

    assert_eq!(result(output), "3");
    assert_eq!(
        ledger.calls(),
        [["START flaky", "RETRY flaky"], ["START flaky", "RETRY flaky"], ["START flaky", "SUCCEED flaky"]]
    );
    let retry = &ledger.updates()[0][1];
    assert_eq!(retry.step_options.as_ref().unwrap().next_attempt_delay_seconds, Some(7));
    assert_eq!(retry.error.as_ref().unwrap().error_message.as_deref(), Some("not yet"));
}

#[derive(Debug, PartialEq, Serialize, Deserialize, DurableError)]
#[durable(crate = durable_core)]
enum PaymentError {
    Declined(u32),
}

impl std::fmt::Display for PaymentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the payment was refused")
    }
}

impl std::error::Error for PaymentError {}

#[tokio::test]
async fn an_error_is_the_same_live_and_on_replay_and_comes_back_typed() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<String>> {
        let charge = ctx
            .step("charge", async |_| Err::<(), _>(Error::typed(PaymentError::Declined(51))))
            .retry(RetryStrategy::none());
        let error = charge.await.unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&PaymentError::Declined(51)));
        let seen = format!("{error} / {:?} / {:?}", error.error_type(), error.data());
        let first = ctx.step("remember", async |_| Ok(seen.clone())).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(vec![first, seen])
    };

    let output = ledger.run(&handler).await;

    let text = "step `charge` failed: the payment was refused / \
                \"it::step::PaymentError\" / Some(\"{\\\"Declined\\\":51}\")";
    assert_eq!(serde_json::from_str::<Vec<String>>(&result(output)).unwrap(), [text, text]);
}

#[tokio::test]
async fn an_error_that_nobody_handles_fails_the_execution_with_its_data() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let charge = ctx.step("charge", async |_| Err::<(), _>(Error::typed(PaymentError::Declined(51))));
        charge.retry(RetryStrategy::none()).await
    };

    let InvocationOutput::Failed { error: Some(error) } = ledger.run(&handler).await else { panic!() };

    assert_eq!(error.error_type.as_deref(), Some("it::step::PaymentError"));
    let message = "step `charge` failed: the payment was refused";
    assert_eq!(error.error_message.as_deref(), Some(message));
    assert_eq!(error.error_data.as_deref(), Some("{\"Declined\":51}"));
}

#[tokio::test]
async fn an_interrupted_attempt_runs_again_by_default() {
    let ledger = Ledger::new(&());
    let handler =
        async |_: (), ctx: DurableContext| -> Result<u32> { ctx.step("work", async |_| Ok(7)).await };
    ledger.run(&handler).await;
    ledger.amend("work", |work| (work.status, work.details) = (OperationStatus::Started, None));

    let output = ledger.run(&handler).await;

    assert_eq!(result(output), "7");
    assert_eq!(ledger.calls()[1], ["SUCCEED work"], "its start is recorded already");
}

#[tokio::test]
async fn an_interrupted_attempt_of_an_at_most_once_step_does_not_run_again() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<bool> {
        let pay = ctx.step("pay", async |_| Ok(RUNS.fetch_add(1, Ordering::SeqCst)));
        let paid = pay.semantics(StepSemantics::AtMostOncePerRetry).retry(RetryStrategy::none()).await;
        Ok(paid.is_err_and(|error| error.is_interrupted()))
    };
    ledger.run(&handler).await;
    ledger.amend("pay", |pay| (pay.status, pay.details) = (OperationStatus::Started, None));

    let output = ledger.run(&handler).await;

    assert_eq!(result(output), "true");
    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
    assert_eq!(ledger.calls(), [vec!["START pay"], vec!["SUCCEED pay"], vec!["FAIL pay"]]);
}

#[tokio::test]
async fn a_value_is_what_a_replay_would_see_of_it() {
    #[derive(Serialize, Deserialize)]
    struct Lossy {
        #[serde(skip)]
        seen: u32,
    }
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        Ok(ctx.step("lossy", async |_| Ok(Lossy { seen: 7 })).await?.seen)
    };

    assert_eq!(result(ledger.run(&handler).await), "0");
}

#[tokio::test]
async fn a_result_that_cannot_be_read_back_fails_at_once_and_is_not_tried_again() {
    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Never(#[serde(deserialize_with = "refuse")] u32);
    fn refuse<'de, D: serde::Deserializer<'de>>(_: D) -> Result<u32, D::Error> {
        Err(serde::de::Error::custom("not this one"))
    }
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        Ok(ctx.step("never", async |_| Ok(Never(1))).await?.0)
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert!(error_type == "SerdesError" && message.contains("not this one"), "{message}");
    assert_eq!(ledger.calls(), [["START never", "FAIL never"]]);
}

#[tokio::test]
async fn a_step_that_panics_fails_like_any_other() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let burst = ctx.step("burst", async |step| match step.attempt() {
            1 => panic!("pipe burst"),
            attempt => Ok(attempt),
        });
        burst.await
    };

    let output = ledger.run(&handler).await;

    assert_eq!(result(output), "2");
    let error = ledger.updates()[0][1].error.clone().unwrap();
    assert_eq!(error.error_type.as_deref(), Some("Panic"));
    assert_eq!(error.error_message.as_deref(), Some("panicked: pipe burst"));
}

#[tokio::test]
async fn a_name_that_the_service_forbids_is_an_error_and_records_nothing() {
    let ledger = Ledger::new(&());
    let handler =
        async |_: (), ctx: DurableContext| -> Result<()> { ctx.step("größe", async |_| Ok(())).await };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "InvalidArgumentError");
    assert!(message.contains("größe") && message.contains("ASCII"), "{message}");
    assert!(ledger.calls().is_empty());
}

#[tokio::test]
async fn a_status_from_the_future_is_never_run_again() {
    let ledger = Ledger::new(&());
    let handler =
        async |_: (), ctx: DurableContext| -> Result<u32> { ctx.step("work", async |_| Ok(7)).await };
    ledger.run(&handler).await;
    ledger.amend("work", |work| work.status = OperationStatus::from("ARCHIVED"));

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "UnsupportedOperationError");
    assert!(message.contains("ARCHIVED"), "{message}");
    assert_eq!(ledger.calls().len(), 1);
}

#[tokio::test]
async fn numbers_come_back_bit_by_bit() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<bool> {
        let numbers = [0.387_546_307_872_980_83, 0.1 + 0.2, f64::MIN_POSITIVE, 1.797_693_134_862_315_7e308];
        let recorded = ctx.step("numbers", async |_| Ok(numbers)).await?;
        Ok(recorded.map(f64::to_bits) == numbers.map(f64::to_bits))
    };

    assert_eq!(result(ledger.run(&handler).await), "true");
}

#[tokio::test]
async fn an_error_of_no_known_type_is_recorded_with_its_causes_and_one_that_was_boxed_comes_back_whole() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, bool)> {
        let unknown = async |_| Err::<(), _>(Error::from_boxed("no answer"));
        let boxed: fn() -> BoxError = || Error::typed(PaymentError::Declined(51)).into();
        let known = async |_| Err::<(), _>(Error::from_boxed(boxed()));
        let unknown = ctx.step("ask", unknown).retry(RetryStrategy::none()).await.unwrap_err();
        let known = ctx.step("charge", known).retry(RetryStrategy::none()).await.unwrap_err();
        Ok((unknown.to_string(), known.downcast_ref() == Some(&PaymentError::Declined(51))))
    };

    assert_eq!(result(ledger.run(&handler).await), r#"["step `ask` failed: no answer",true]"#);
}
