//! What `#[durable::step]` makes of a function.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use durable::DurableError;
use durable::error::BoxError;
use durable::prelude::*;
use durable::types::{InvocationOutput, OperationAction};
use serde::{Deserialize, Serialize};

use crate::recorder::Recorder;

#[derive(Debug, PartialEq, Serialize, Deserialize, DurableError)]
struct Declined {
    code: u32,
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "declined ({})", self.code)
    }
}

impl std::error::Error for Declined {}

#[durable::step(retry = none)]
async fn charge(code: u32) -> Result<u32, Declined> {
    Err(Declined { code })
}

#[durable::step(retry = none)]
async fn read(path: &str) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

#[durable::step(retry = none)]
async fn refuse(reason: &str) -> Result<(), BoxError> {
    Err(reason.into())
}

#[durable::step(retry = fixed("7s", max_attempts = 2))]
async fn flaky() -> Result<()> {
    Err(Error::msg("not now"))
}

#[durable::step(name = "count up")]
async fn count(step: StepContext, counter: &AtomicU32, by: u32) -> Result<u32> {
    Ok(counter.fetch_add(by, Ordering::Relaxed) + by + step.attempt())
}

#[tokio::test]
async fn a_step_has_the_functions_name_or_the_one_given() {
    let recorder = Recorder::default();
    let counter = AtomicU32::new(0);

    let output = recorder.invoke(async |_, ctx| count(&ctx, &counter, 10).await).await;

    let names: Vec<_> = recorder.updates().into_iter().filter_map(|update| update.name).collect();
    assert!(names.iter().all(|name| name == "count up"), "{names:?}");
    assert_eq!((charge::NAME, count::NAME), ("charge", "count up"));
    assert_eq!(output, InvocationOutput::Succeeded { result: Some("11".to_owned()) });
}

#[tokio::test]
async fn a_recorded_step_does_not_run_its_function_again() {
    let recorder = Recorder::default();
    let counter = AtomicU32::new(0);

    let live = recorder.invoke(async |_, ctx| count(&ctx, &counter, 10).await).await;
    let replayed = recorder.invoke(async |_, ctx| count(&ctx, &counter, 10).await).await;

    assert_eq!(counter.load(Ordering::Relaxed), 10);
    assert_eq!(live, replayed);
}

#[tokio::test]
async fn an_error_that_can_be_serialized_comes_back_typed_live_and_on_replay() {
    let recorder = Recorder::default();
    let declined = |error: Error| error.downcast::<Declined>().ok().map(|declined| declined.code);
    let handler = async |(), ctx: DurableContext| {
        let code = charge(&ctx, 51).await.map_err(declined).err().flatten();
        Result::<_>::Ok(code)
    };

    let live = recorder.invoke(handler).await;
    let replayed = recorder.invoke(handler).await;

    assert_eq!(live, InvocationOutput::Succeeded { result: Some("51".to_owned()) });
    assert_eq!(live, replayed);
    assert_eq!(recorder.error_of("charge").error_type.as_deref(), Some("it::step_attribute::Declined"));
}

#[tokio::test]
async fn other_errors_are_recorded_by_type_and_text() {
    let recorder = Recorder::default();
    let handler = async |(), ctx: DurableContext| {
        let _ = read(&ctx, "/does/not/exist").await;
        refuse(&ctx, "no reason").await
    };

    recorder.invoke(handler).await;

    let (read, refuse) = (recorder.error_of("read"), recorder.error_of("refuse"));
    assert_eq!(read.error_type.as_deref(), Some("Error"));
    assert!(read.error_message.is_some_and(|message| message.contains("No such file")));
    assert_eq!(refuse.error_message.as_deref(), Some("no reason"));
    assert_eq!(refuse.error_data, None);
}

#[tokio::test]
async fn the_options_of_the_attribute_hold_until_the_caller_changes_them() {
    let recorder = Recorder::default();

    let retried = recorder.invoke(async |(), ctx| flaky(&ctx).await).await;
    let given_up = recorder.invoke(async |(), ctx| flaky(&ctx).retry(RetryStrategy::none()).await).await;

    let updates = recorder.updates();
    let retry = updates.iter().find(|update| update.action == OperationAction::Retry).unwrap();
    let delay = retry.step_options.as_ref().and_then(|options| options.next_attempt_delay_seconds);
    assert_eq!(delay, Some(7));
    assert_eq!(retried, InvocationOutput::Pending);
    assert!(matches!(given_up, InvocationOutput::Failed { .. }), "{given_up:?}");
}

#[durable::step]
async fn total(prices: Vec<u32>) -> Result<u32> {
    Ok(prices.iter().sum())
}

#[tokio::test]
async fn a_step_with_owned_arguments_can_be_spawned() {
    let recorder = Recorder::default();

    let output = recorder
        .invoke(async |(), ctx: DurableContext| {
            let spawned = total(&ctx, vec![1, 2]).spawn();
            let joined = total(&ctx, vec![3]).await?;
            Result::<_>::Ok(spawned.await? + joined)
        })
        .await;

    assert_eq!(output, InvocationOutput::Succeeded { result: Some("6".to_owned()) });
}

#[tokio::test]
async fn the_longest_initial_delay_that_compiles_is_valid_at_run_time() {
    #[durable::step(retry = exponential(initial_delay = "5m", jitter = none))]
    async fn rare() -> Result<()> {
        Err(Error::msg("not now"))
    }
    let recorder = Recorder::default();

    let output = recorder.invoke(async |(), ctx| rare(&ctx).await).await;

    assert_eq!(output, InvocationOutput::Pending);
}

#[tokio::test]
async fn the_function_itself_stays_callable_and_records_nothing() {
    let tried = charge::call(51).await;

    assert_eq!(tried, Err(Declined { code: 51 }));
}
