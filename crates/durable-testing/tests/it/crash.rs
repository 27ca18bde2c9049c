//! The death of a process, played by [`crash`].

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::{DurableContext, Result};
use durable_testing::{TestRunner, crash};
use durable_types::history::EventDetails;

static RUNS: AtomicU32 = AtomicU32::new(0);

async fn fragile(_: (), ctx: DurableContext) -> Result<u32> {
    let runs = ctx
        .step("fragile", async |_| {
            if RUNS.fetch_add(1, Ordering::SeqCst) == 0 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                crash().await;
            }
            Ok(RUNS.load(Ordering::SeqCst))
        })
        .await?;
    Ok(runs)
}

#[tokio::test(start_paused = true)]
async fn an_attempt_whose_process_dies_runs_again_without_a_second_start() {
    let execution = TestRunner::new(fragile).run(&()).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), 2);
    let history = execution.history();
    let starts = history.iter().filter(|event| matches!(event.details, EventDetails::StepStarted(_))).count();
    assert_eq!(starts, 1);
    let died = history.iter().find_map(|event| match &event.details {
        EventDetails::InvocationCompleted(completed) => completed.error.clone(),
        _ => None,
    });
    assert_eq!(died.unwrap().payload.unwrap().error_type.as_deref(), Some("Runtime.ExitError"));
}

#[tokio::test]
async fn outside_of_a_test_runner_nothing_dies() {
    crash().await;
}
