//! Options of steps: each of them does what it says.

use std::fmt;
use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use tokio::time::Instant;

use crate::ledger::{Ledger, result};

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug)]
enum Failure {
    Passing,
    Lasting,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is {self:?}")
    }
}

impl std::error::Error for Failure {}

#[tokio::test]
async fn a_failure_is_tried_again_only_if_the_predicate_says_so() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let step = ctx.step("step", async |step| match step.attempt() {
            1 => Err::<(), Error>(Failure::Passing.into()),
            _ => Err(Failure::Lasting.into()),
        });
        let is_passing = |error: &Error| matches!(error.original(), Some(Failure::Passing));
        Ok(step.retry(RetryStrategy::fixed(SECOND)).retry_if(is_passing).await.unwrap_err().to_string())
    };

    let text = r#""step `step` failed: it is Lasting""#;
    assert_eq!(result(ledger.run(&handler).await), text);
    assert_eq!(ledger.calls(), [["START step", "RETRY step"], ["START step", "FAIL step"]]);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long_fails_like_any_other_and_is_recorded() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let slow = ctx.step("slow", async |step| {
            if step.attempt() == 1 {
                tokio::time::sleep(3_600 * SECOND).await;
            }
            Ok(step.attempt())
        });
        slow.timeout(30 * SECOND).retry(RetryStrategy::fixed(SECOND)).await
    };
    let begin = Instant::now();

    assert_eq!(result(ledger.run(&handler).await), "2");

    assert!(begin.elapsed() < 31 * SECOND);
    let updates = ledger.updates().concat();
    let error = updates.iter().find_map(|update| update.error.clone()).unwrap();
    assert_eq!(error.error_type.as_deref(), Some("StepTimeoutError"));
}

#[tokio::test(start_paused = true)]
async fn steps_one_after_the_other_do_not_wait_for_company() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        for _ in 0..20 {
            ctx.step("quick", async |_| Ok(())).await?;
        }
        Ok(())
    };
    let begin = Instant::now();

    ledger.run(&handler).await;

    assert_eq!(begin.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn an_error_raised_with_a_question_mark_is_recorded_under_its_own_type() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let parse = ctx.step("parse", async |_| Ok("seven".parse::<u32>()?)).retry(RetryStrategy::none());
        Ok(parse.await.unwrap_err().error_type().to_owned())
    };

    assert_eq!(result(ledger.run(&handler).await), "\"ParseIntError\"");
}

/// An error with many causes.
#[derive(Debug)]
struct Deep(u32, Option<Box<Deep>>);

impl fmt::Display for Deep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cause {}", self.0)
    }
}

impl std::error::Error for Deep {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

#[tokio::test]
async fn the_causes_of_an_error_are_told_up_to_a_limit() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let deep = ctx.step("deep", async |_| {
            Err::<(), Error>(
                (0..100)
                    .rev()
                    .fold(Deep(100, None), |cause, depth| Deep(depth, Some(Box::new(cause))))
                    .into(),
            )
        });
        Ok(deep.retry(RetryStrategy::none()).await.unwrap_err().message().to_owned())
    };

    let told = result(ledger.run(&handler).await);

    assert!(told.contains("cause 0: cause 1") && told.contains("cause 10"), "{told}");
    assert!(!told.contains("cause 11"), "{told}");
}
