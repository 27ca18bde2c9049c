//! How often steps are tried, and when.

use std::time::Duration;

use durable_core::operation::StepSemantics;
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_testing::{TestRunner, crash};
use durable_types::ExecutionStatus;
use durable_types::history::EventDetails;

async fn always_failing(_: (), ctx: DurableContext) -> Result<u32> {
    let never = ctx.step("never", async |step| Err::<(), _>(Error::msg(step.attempt().to_string())));
    let error = never.await.unwrap_err();
    Ok(error.message().parse()?)
}

#[tokio::test]
async fn a_step_that_always_fails_is_tried_six_times_by_default_and_never_without_a_delay() {
    let execution = TestRunner::new(always_failing).run(&()).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), 6);
    assert_eq!(execution.invocations(), 6);
    let history = execution.history();
    let moments = |is_meant: fn(&EventDetails) -> bool| -> Vec<_> {
        history.iter().filter(|event| is_meant(&event.details)).map(|event| event.event_timestamp).collect()
    };
    let starts = moments(|details| matches!(details, EventDetails::StepStarted(_)));
    let failures = moments(|details| matches!(details, EventDetails::StepFailed(_)));
    assert_eq!((starts.len(), failures.len()), (6, 6));
    for (failed, tried_again) in failures.iter().zip(&starts[1..]) {
        assert!(tried_again.saturating_since(*failed) >= Duration::from_secs(1));
    }
}

#[tokio::test]
async fn a_step_is_tried_as_often_as_its_strategy_says() {
    for attempts in [1, 2, 5] {
        let handler = async |attempts: u32, ctx: DurableContext| -> Result<u32> {
            let never = ctx.step("never", async |step| Err::<(), _>(Error::msg(step.attempt().to_string())));
            let strategy = RetryStrategy::fixed(Duration::from_secs(2)).max_attempts(attempts);
            Ok(never.retry(strategy).await.unwrap_err().message().parse()?)
        };

        let execution = TestRunner::new(handler).run(&attempts).await.unwrap();

        assert_eq!(execution.result::<u32>().unwrap(), attempts);
        assert_eq!(execution.elapsed(), Duration::from_secs(2) * (attempts - 1));
    }
}

#[tokio::test]
async fn an_at_most_once_step_that_is_always_interrupted_ends_as_interrupted() {
    for (semantics, attempts) in [(StepSemantics::AtMostOncePerRetry, 3), (StepSemantics::AtMostOnce, 1)] {
        assert_eq!(interrupted_attempts(semantics).await, attempts, "{semantics:?}");
    }
}

/// How often a step begins that is interrupted each time and may be attempted three times.
async fn interrupted_attempts(semantics: StepSemantics) -> usize {
    let handler = async |_: (), ctx: DurableContext| -> Result<bool> {
        let fragile = ctx.step("fragile", async |_| {
            crash().await;
            Ok(())
        });
        let strategy = RetryStrategy::fixed(Duration::from_secs(1)).max_attempts(3);
        let ended = fragile.semantics(semantics).retry(strategy).await;
        Ok(ended.is_err_and(|error| error.is_interrupted()))
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.status(), &ExecutionStatus::Succeeded);
    assert!(execution.result::<bool>().unwrap());
    let history = execution.history();
    let starts = history.iter().filter(|event| matches!(event.details, EventDetails::StepStarted(_)));
    starts.count()
}
