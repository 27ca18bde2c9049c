//! Callbacks that the test answers at the moments that it chooses.

use std::time::Duration;

use durable_core::{DurableContext, Result};
use durable_testing::{CallbackAnswer, TestError, TestRunner};
use durable_types::{ErrorObject, ExecutionStatus};

async fn approve(_: (), ctx: DurableContext) -> Result<String> {
    let callback = ctx.create_callback("approval").heartbeat_timeout(Duration::from_secs(60)).await?;
    callback.await
}

async fn ask(_: (), ctx: DurableContext) -> Result<String> {
    ctx.wait_for_callback("approval", async |_, _| Ok(())).await
}

fn succeeded(text: &str) -> CallbackAnswer {
    CallbackAnswer::Succeeded(Some(format!("\"{text}\"")))
}

#[tokio::test]
async fn a_callback_that_is_answered_carries_the_execution_on() {
    let runner = TestRunner::new(approve);
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(Duration::from_secs(50)).await.unwrap();
    let id = execution.callback_id("approval").unwrap();

    execution.answer_callback(&id, succeeded("yes")).unwrap();

    let execution = execution.finish().await.unwrap();
    assert_eq!(execution.result::<String>().unwrap(), "yes");
    assert_eq!(execution.elapsed(), Duration::from_secs(50));
    assert_eq!(execution.invocations(), 2);
}

#[tokio::test]
async fn a_heartbeat_buys_time_from_when_it_comes() {
    let runner = TestRunner::new(approve);
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(Duration::from_secs(50)).await.unwrap();
    let id = execution.callback_id("approval").unwrap();

    execution.answer_callback(&id, CallbackAnswer::Heartbeat).unwrap();

    let execution = execution.finish().await.unwrap();
    assert_eq!(execution.status(), &ExecutionStatus::Failed);
    assert_eq!(execution.elapsed(), Duration::from_secs(110));
}

#[tokio::test]
async fn a_callback_can_be_failed_and_is_not_answered_twice() {
    let runner = TestRunner::new(ask);
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(Duration::ZERO).await.unwrap();
    let id = execution.callback_id("approval").unwrap();
    let rejected = CallbackAnswer::Failed(Some(ErrorObject::new("Rejected", "not approved")));

    execution.answer_callback(&id, rejected).unwrap();

    assert!(matches!(execution.answer_callback(&id, succeeded("yes")), Err(TestError::Refused(_))));
    let execution = execution.finish().await.unwrap();
    let message = execution.error().and_then(|error| error.error_message.as_deref());
    assert_eq!(message, Some("not approved"));
}

#[tokio::test]
async fn an_execution_that_nobody_answers_does_not_end() {
    let execution = TestRunner::new(ask).run(&()).await;

    assert!(matches!(execution, Ok(execution) if execution.status() == &ExecutionStatus::TimedOut));
}

#[tokio::test]
async fn a_callback_that_nobody_created_is_refused() {
    let runner = TestRunner::new(ask);
    let mut execution = runner.start(&()).unwrap();

    assert_eq!(execution.callback_id("approval"), None);
    assert!(matches!(execution.answer_callback("unknown", succeeded("yes")), Err(TestError::Refused(_))));
}

#[tokio::test]
async fn an_answer_that_is_ignored_may_have_any_shape_live_and_on_replay() {
    let ignore = async |_: (), ctx: DurableContext| -> Result<()> {
        let seen = ctx.create_callback("seen").ignore_answer().await?;
        seen.await?;
        ctx.wait_for_callback("read", async |_, _| Ok(())).ignore_answer().await?;
        ctx.wait("pause", Duration::from_secs(1)).await
    };
    let runner = TestRunner::new(ignore);
    let mut execution = runner.start(&()).unwrap();

    for (name, answer) in [("seen", r#"{"by":"Ada"}"#), ("read", "[1,2]")] {
        execution.run_for(Duration::from_secs(1)).await.unwrap();
        let id = execution.callback_id(name).unwrap();
        execution.answer_callback(&id, CallbackAnswer::Succeeded(Some(answer.to_owned()))).unwrap();
    }

    let execution = execution.finish().await.unwrap();
    assert_eq!(execution.status(), &ExecutionStatus::Succeeded);
}

#[tokio::test]
async fn what_is_due_at_the_end_of_a_period_happens_within_it() {
    let handler = async |(): (), ctx: DurableContext| -> Result<()> {
        ctx.wait("first day", Duration::from_hours(24)).await?;
        ctx.step("between", async |_| Ok(())).await?;
        ctx.wait("second day", Duration::from_hours(24)).await
    };
    let runner = TestRunner::new(handler);
    let mut execution = runner.start(&()).unwrap();

    execution.run_for(Duration::from_hours(48)).await.unwrap();

    assert_eq!(execution.status(), ExecutionStatus::Succeeded);
    assert_eq!(execution.elapsed(), Duration::from_hours(48));
}
