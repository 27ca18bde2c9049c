//! Invocations that suspend before their deadline.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use durable_core::operation::StepSemantics;
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_testing::{TestExecution, TestRunner};
use durable_types::history::EventDetails;
use durable_types::{OperationStatus, OperationType};

const MARGIN: Duration = Duration::from_millis(300);
const TIMEOUT: Duration = Duration::from_secs(1);

/// How often each body began.
#[derive(Default)]
struct Begun(Mutex<BTreeMap<String, u32>>);

impl Begun {
    /// A body that takes this many milliseconds.
    async fn body(&self, name: &str, millis: u64) -> Result<u64> {
        *self.0.lock().unwrap().entry(name.to_owned()).or_default() += 1;
        tokio::time::sleep(Duration::from_millis(millis)).await;
        Ok(millis)
    }

    /// The bodies that began more than once.
    fn repeated(&self) -> Vec<String> {
        let begun = self.0.lock().unwrap();
        begun.iter().filter(|(_, count)| **count > 1).map(|(name, _)| name.clone()).collect()
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

async fn nap(millis: u64) -> Result<()> {
    tokio::time::sleep(Duration::from_millis(millis)).await;
    Ok(())
}

/// The types of the errors with which invocations ended.
fn invocation_errors(execution: &TestExecution) -> Vec<String> {
    let history = execution.history();
    let errors = history.iter().filter_map(|event| match &event.details {
        EventDetails::InvocationCompleted(completed) => completed.error.as_ref()?.payload.clone()?.error_type,
        _ => None,
    });
    errors.collect()
}

/// The suspensions that are recorded.
fn suspensions(execution: &TestExecution) -> usize {
    execution.operations().filter(|operation| operation.sub_type.as_deref() == Some("Suspension")).count()
}

/// 30 steps of 100 milliseconds each.
async fn chain(begun: &Begun, ctx: &DurableContext) -> Result<u64> {
    let mut total = 0;
    for index in 0..30 {
        total += ctx.step("quick", async |_| begun.body(&format!("step {index}"), 100).await).await?;
    }
    Ok(total)
}

#[tokio::test(start_paused = true)]
async fn a_chain_of_steps_that_takes_longer_than_the_timeout_suspends_between_them() {
    let begun = Begun::default();
    let handler = async |_: (), ctx: DurableContext| {
        ctx.suspend_before_deadline(MARGIN);
        chain(&begun, &ctx).await
    };

    let execution = TestRunner::new(handler).function_timeout(TIMEOUT).run(&()).await.unwrap();

    assert_eq!(execution.result::<u64>().unwrap(), 3_000);
    assert_eq!(begun.repeated(), Vec::<String>::new());
    assert_eq!(invocation_errors(&execution), Vec::<String>::new());
    // Seven steps fit into 700 milliseconds.
    assert_eq!((execution.invocations(), suspensions(&execution)), (5, 4));
}

#[tokio::test(start_paused = true)]
async fn without_a_margin_the_chain_is_cut_off_within_steps() {
    let begun = Begun::default();
    let handler = async |_: (), ctx: DurableContext| chain(&begun, &ctx).await;

    // A step is in progress whenever the time is up.
    let timeout = TIMEOUT - Duration::from_millis(50);
    let execution = TestRunner::new(handler).function_timeout(timeout).run(&()).await.unwrap();

    assert_eq!(execution.result::<u64>().unwrap(), 3_000);
    assert_eq!(begun.repeated(), ["step 18", "step 27", "step 9"]);
    assert_eq!(invocation_errors(&execution), ["Sandbox.Timedout"; 3]);
    assert_eq!(suspensions(&execution), 0);
}

#[tokio::test(start_paused = true)]
async fn the_suspension_is_a_wait_of_a_second_that_replay_ignores() {
    let begun = Begun::default();
    let handler = async |_: (), ctx: DurableContext| {
        ctx.suspend_before_deadline(MARGIN);
        chain(&begun, &ctx).await
    };

    let execution = TestRunner::new(handler).function_timeout(TIMEOUT).run(&()).await.unwrap();

    let wait = execution.operations().find(|it| it.sub_type.as_deref() == Some("Suspension")).unwrap();
    assert_eq!((&wait.operation_type, &wait.status), (&OperationType::Wait, &OperationStatus::Succeeded));
    let took = wait.end_timestamp.unwrap().saturating_since(wait.start_timestamp.unwrap());
    assert_eq!(took.as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_runs_when_the_deadline_comes_near_may_finish_and_is_recorded() {
    let begun = Begun::default();
    let handler = async |_: (), ctx: DurableContext| {
        ctx.suspend_before_deadline(MARGIN);
        ctx.step("long", async |_| begun.body("long", 900).await).await?;
        ctx.step("next", async |_| begun.body("next", 1).await).await
    };

    let execution = TestRunner::new(handler).function_timeout(TIMEOUT).run(&()).await.unwrap();

    assert_eq!(begun.repeated(), Vec::<String>::new());
    assert_eq!((execution.invocations(), suspensions(&execution)), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_step_that_runs_at_most_once_is_not_interrupted_by_a_suspension() {
    let handler = async |_: (), ctx: DurableContext| {
        ctx.suspend_before_deadline(MARGIN);
        let mut outcomes = Vec::new();
        for _ in 0..20 {
            let once = ctx.step("once", async |_| nap(100).await).semantics(StepSemantics::AtMostOnce);
            outcomes.push(once.await.is_ok());
        }
        Ok::<_, Error>(outcomes)
    };

    let execution = TestRunner::new(handler).function_timeout(TIMEOUT).run(&()).await.unwrap();

    assert_eq!(execution.result::<Vec<bool>>().unwrap(), [true; 20]);
    assert_eq!((execution.invocations(), invocation_errors(&execution)), (3, Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn bodies_that_are_held_back_do_not_wait_for_what_else_is_pending() {
    let begun = Begun::default();
    let handler = async |_: (), ctx: DurableContext| {
        ctx.suspend_before_deadline(MARGIN);
        let day = ctx.wait("a day", Duration::from_hours(24)).into_future();
        let (waited, chained) = futures_util::future::join(day, chain(&begun, &ctx)).await;
        waited?;
        chained
    };
    let runner = TestRunner::new(handler).function_timeout(TIMEOUT);

    let mut execution = runner.start(&()).unwrap();
    execution.run_for(Duration::from_mins(1)).await.unwrap();

    assert_eq!(begun.len(), 30, "the whole chain ran long before the wait has ended");
    assert_eq!(execution.finish().await.unwrap().result::<u64>().unwrap(), 3_000);
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_only_waits_records_no_suspension() {
    let handler = async |_: (), ctx: DurableContext| {
        ctx.suspend_before_deadline(MARGIN);
        ctx.stay_warm(Duration::from_secs(60));
        ctx.step("first", async |_| nap(500).await).await?;
        ctx.wait("pause", Duration::from_secs(1)).await
    };

    let execution = TestRunner::new(handler).function_timeout(TIMEOUT).run(&()).await.unwrap();

    assert_eq!(
        invocation_errors(&execution),
        Vec::<String>::new(),
        "it does not stay warm past its deadline"
    );
    assert_eq!((execution.invocations(), suspensions(&execution)), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn every_invocation_makes_progress_even_if_the_deadline_is_always_near() {
    let begun = Begun::default();
    let handler = async |_: (), ctx: DurableContext| {
        ctx.suspend_before_deadline(Duration::from_secs(60));
        let mut total = 0;
        for index in 0..5 {
            total += ctx.step("long", async |_| begun.body(&format!("{index}"), 800).await).await?;
        }
        Ok::<_, Error>(total)
    };

    let execution = TestRunner::new(handler).function_timeout(TIMEOUT).run(&()).await.unwrap();

    assert_eq!(execution.result::<u64>().unwrap(), 4_000);
    assert_eq!((begun.repeated(), execution.invocations()), (Vec::new(), 5));
}

#[tokio::test(start_paused = true)]
async fn maps_children_retried_blocks_conditions_and_sagas_resume_where_they_were_held_back() {
    let begun = Begun::default();
    let handler = async |_: (), ctx: DurableContext| {
        ctx.suspend_before_deadline(MARGIN);
        let begun = &begun;
        let map = ctx.map("map", 0..12, async |ctx, item, _| {
            for part in 0..2 {
                ctx.step("part", async |_| begun.body(&format!("item {item} {part}"), 150).await).await?;
            }
            Ok(item)
        });
        let items = map.max_concurrency(3).await?.success_count();
        let block = ctx.with_retry("block", async |ctx, attempt| {
            ctx.step("tries", async |_| begun.body(&format!("attempt {attempt}"), 250).await).await?;
            if attempt < 3 { Err(Error::msg("not yet")) } else { Ok(attempt) }
        });
        let attempts = block.retry(RetryStrategy::fixed(Duration::from_secs(1)).max_attempts(5)).await?;
        let saga = ctx.saga("saga", async |_, saga| {
            for index in 0..4 {
                let booked =
                    saga.step("book", async |_| begun.body(&format!("book {index}"), 250 + index).await);
                let undone = booked.compensate(async |millis, _| {
                    begun.body(&format!("undo {millis}"), millis).await.map(drop)
                });
                undone.await?;
            }
            Err::<(), _>(Error::msg("full"))
        });
        let error = saga.await.unwrap_err().message().to_owned();
        Ok::<_, Error>((items, attempts, error))
    };

    let execution = TestRunner::new(handler).function_timeout(TIMEOUT).run(&()).await.unwrap();

    let result = execution.result::<(usize, u32, String)>().unwrap();
    assert_eq!(result, (12, 3, "full".to_owned()));
    assert_eq!(begun.repeated(), Vec::<String>::new());
    assert_eq!(begun.len(), 24 + 3 + 8);
    assert_eq!(invocation_errors(&execution), Vec::<String>::new());
    assert_eq!(suspensions(&execution), 3);
}
