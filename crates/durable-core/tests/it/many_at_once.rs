//! Which execution and which step code belongs to, when much runs at once.

use std::time::Duration;

use durable_core::logging::log_context;
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use tokio::time::sleep;

use crate::ledger::{ARN, Ledger, result};

/// The step that the running code belongs to.
fn step() -> Option<String> {
    log_context().and_then(|context| context.step).and_then(|step| step.operation_name)
}

#[tokio::test]
async fn code_of_steps_that_take_turns_belongs_to_its_own_step() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<bool> {
        let names: Vec<_> = (0..5).map(|number| format!("step-{number}")).collect();
        let steps = names.iter().map(|name| {
            let turns = ctx.step(name, async |_| {
                let mut is_own = true;
                for _ in 0..10 {
                    is_own &= step().as_deref() == Some(name);
                    tokio::task::yield_now().await;
                }
                Ok(is_own)
            });
            turns.into_future()
        });
        let own = futures_util::future::join_all(steps).await;
        assert_eq!(step(), None);
        Ok(own.into_iter().all(|own| own.is_ok_and(|own| own)))
    };

    assert_eq!(result(ledger.run(&handler).await), "true");
    assert!(log_context().is_none());
}

#[tokio::test]
async fn a_step_that_is_tried_again_is_not_replayed_code() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<bool>> {
        ctx.step("before", async |_| Ok(())).await?;
        let replaying = || log_context().is_none_or(|context| context.is_replaying);
        let second = ctx.step("flaky", async |step| match step.attempt() {
            1 => Err(Error::msg(replaying().to_string())),
            _ => Ok(replaying()),
        });
        let second = second.retry(RetryStrategy::fixed(Duration::from_secs(1))).await?;
        Ok(vec![second, replaying()])
    };

    assert_eq!(result(ledger.run(&handler).await), "[false,false]");
    let first = ledger.updates().concat().iter().find_map(|update| update.error.clone()).unwrap();
    assert_eq!(first.error_message.as_deref(), Some("false"));
}

async fn alone(number: u32, ctx: DurableContext) -> Result<u32> {
    for _ in 0..5 {
        let told = ctx.step("work", async |_| {
            sleep(Duration::from_millis(u64::from(number % 3))).await;
            assert_eq!(log_context().map(|context| context.execution_arn.to_string()).as_deref(), Some(ARN));
            Ok(number)
        });
        assert_eq!(told.await?, number);
        ctx.wait("pause", Duration::from_secs(1)).await?;
    }
    Ok(number)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn executions_that_share_a_process_do_not_disturb_each_other() {
    let executions = (0..40).map(|number: u32| {
        tokio::spawn(async move {
            let ledger = Ledger::new(&number);
            (result(ledger.run(&alone).await), ledger.calls().len())
        })
    });

    let ended = futures_util::future::join_all(executions).await;

    for (number, ended) in ended.into_iter().enumerate() {
        assert_eq!(ended.unwrap().0, number.to_string());
    }
}
