//! Calls of functions that the test registers.

use std::time::Duration;

use durable_core::{DurableContext, Error, Function, Result};
use durable_testing::{TestRunner, crash};
use durable_types::ExecutionStatus;

async fn order(cents: u64, ctx: DurableContext) -> Result<u64> {
    let tax: u64 = ctx.invoke("tax", "tax:$LATEST", &cents).await?;
    Ok(cents + tax)
}

async fn tax(cents: u64, ctx: DurableContext) -> Result<u64> {
    ctx.wait("think", Duration::from_hours(1)).await?;
    let rate: u64 = ctx.invoke("rate", "rate:$LATEST", &()).await?;
    Ok(cents * rate / 100)
}

async fn rate(_: ()) -> Result<u64> {
    Ok(20)
}

#[tokio::test]
async fn a_call_runs_an_execution_of_the_function_on_the_same_clock() {
    let runner = TestRunner::new(order).function("tax", tax).plain_function("rate", rate);

    let execution = runner.run(&1_000).await.unwrap();

    assert_eq!(execution.result::<u64>().unwrap(), 1_200);
    assert_eq!(execution.elapsed(), Duration::from_hours(1));
    assert_eq!(execution.invocations(), 2);
}

#[tokio::test]
async fn a_function_is_added_by_a_descriptor_or_by_any_form_of_its_name() {
    const ARN: Function<(), u64> = Function::new("arn:aws:lambda:us-east-1:123456789012:function:rate:live");
    let with = |runner: TestRunner<_>| runner.plain_function(&ARN, rate);

    let described = with(TestRunner::new(order)).function(Function::new("tax:live"), tax);
    let named = with(TestRunner::new(order)).function("tax:7", tax);

    for runner in [described, named] {
        assert_eq!(runner.run(&1_000).await.unwrap().result::<u64>().unwrap(), 1_200);
    }
}

#[tokio::test]
async fn the_failure_of_a_function_is_the_failure_of_the_call() {
    let runner = TestRunner::new(order)
        .plain_function("tax", async |_: u64| -> Result<u64> { Err(Error::msg("out of paper")) });

    let execution = runner.run(&1_000).await.unwrap();

    assert_eq!(execution.status(), &ExecutionStatus::Failed);
    let message = execution.error().and_then(|error| error.error_message.clone()).unwrap();
    assert!(message.contains("out of paper"), "{message}");
}

/// Calls the function `tax`, and returns the type and the message of its error.
async fn error_of_call(_: (), ctx: DurableContext) -> Result<(Option<String>, Option<String>)> {
    let called: Result<u64, _> = ctx.invoke("tax", "tax:$LATEST", &()).await;
    let error = called.unwrap_err();
    let error = error.as_error_object();
    Ok((error.error_type.clone(), error.error_message.clone()))
}

#[tokio::test]
async fn a_function_that_panics_fails_the_call_as_an_invocation_that_died_does() {
    type Panics = fn(()) -> std::pin::Pin<Box<dyn Future<Output = Result<u64>> + Send>>;
    let before_its_future: Panics = |_| panic!("out of paper");
    let in_its_future: Panics = |_| Box::pin(async { panic!("out of {}", "ink") });

    for (panics, message) in [(before_its_future, "out of paper"), (in_its_future, "out of ink")] {
        let execution = TestRunner::new(error_of_call).plain_function("tax", panics).run(&()).await.unwrap();

        let error = execution.result::<(String, String)>().unwrap();
        assert_eq!(error, ("Runtime.ExitError".to_owned(), format!("the function panicked: {message}")));
    }
}

#[tokio::test]
async fn a_function_whose_process_dies_fails_the_call() {
    let crashes = async |_: ()| {
        crash().await;
        durable_core::Ok(7)
    };

    let execution = TestRunner::new(error_of_call).plain_function("tax", crashes).run(&()).await.unwrap();

    let (error_type, message) = execution.result::<(String, String)>().unwrap();
    assert_eq!(error_type, "Runtime.ExitError");
    assert!(message.ends_with("Runtime exited with error: exit status 1"), "{message}");
}

#[tokio::test]
async fn a_running_execution_tells_what_it_failed_with() {
    let runner = TestRunner::new(order);
    let mut execution = runner.start(&1_000).unwrap();
    assert_eq!(execution.error(), None);

    execution.run_for(Duration::ZERO).await.unwrap();

    assert!(execution.error().unwrap().error_message.unwrap().contains("Function not found: tax"));
}

#[tokio::test]
async fn a_call_of_a_function_that_nobody_registered_fails() {
    let execution = TestRunner::new(order).run(&1_000).await.unwrap();

    assert_eq!(execution.status(), &ExecutionStatus::Failed);
}

#[tokio::test]
async fn a_test_that_unwraps_the_result_of_a_failed_execution_shows_what_it_failed_with() {
    let handler = async |_: (), _: DurableContext| -> Result<()> { Err(Error::msg("out of stock")) };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    let error = execution.result::<()>().unwrap_err();
    assert_eq!(format!("{error:?}"), "the execution is FAILED: Error: out of stock");
}

#[tokio::test]
async fn a_result_that_is_ignored_may_have_any_shape_live_and_on_replay() {
    let ignore = async |_: (), ctx: DurableContext| -> Result<()> {
        ctx.invoke("call", "archive:$LATEST", &1).ignore_result().await?;
        ctx.wait("pause", Duration::from_secs(1)).await
    };
    let archive = async |id: u64| -> Result<Vec<u64>> { Ok(vec![id, id]) };
    let runner = TestRunner::new(ignore).plain_function("archive", archive);

    let execution = runner.run(&()).await.unwrap();

    assert_eq!(execution.status(), &ExecutionStatus::Succeeded);
    assert!(execution.invocations() >= 2);
}
