//! What other systems send: answers to callbacks, and results of calls.

use std::sync::Mutex;
use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::types::{ChainedInvokeDetails, ErrorObject, Operation, OperationStatus};
use durable_core::{DurableContext, Error, Result};

use crate::ledger::{Ledger, result};

fn succeeded(text: &str) -> impl Fn(&mut Operation) {
    move |operation| {
        operation.status = OperationStatus::Succeeded;
        match operation.callback_details_mut() {
            Some(details) => details.result = Some(text.into()),
            None => {
                let details = ChainedInvokeDetails::new(Some(text.into()), None);
                operation.details = Some(details.into());
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_an_error_of_its_operation() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<String>> {
        let callback = ctx.create_callback::<u32>("callback").await?;
        let call = ctx.invoke::<u32, _>("call", "other", &()).await.unwrap_err();
        let told = vec![callback.await.unwrap_err().to_string(), call.to_string()];
        let first = ctx.step("told", async |_| Ok(told.clone())).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        assert_eq!(told, first);
        Ok(told)
    };
    ledger.invoke(&handler).await.unwrap();
    ledger.amend("callback", succeeded("{}"));
    ledger.amend("call", succeeded("not JSON"));

    let told: Vec<String> = serde_json::from_str(&result(ledger.run(&handler).await)).unwrap();

    assert!(
        told[0].starts_with("callback `callback` failed: what is recorded cannot be read"),
        "{}",
        told[0]
    );
    assert!(told[1].starts_with("invoke `call` failed: what is recorded cannot be read"), "{}", told[1]);
}

#[tokio::test]
async fn a_submitter_that_fails_is_tried_again_with_the_same_callback() {
    static SUBMITTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let answer = ctx.wait_for_callback("answer", async |id, step| {
            SUBMITTED.lock().unwrap().push(id);
            if step.attempt() < 3 { Err(Error::msg("no connection")) } else { Ok(()) }
        });
        answer.retry(RetryStrategy::fixed(Duration::from_secs(1))).await
    };
    for _ in 0..3 {
        ledger.invoke(&handler).await.unwrap();
    }
    ledger.amend_open_callback(succeeded("7"));

    assert_eq!(result(ledger.run(&handler).await), "7");
    let submitted = SUBMITTED.lock().unwrap();
    assert_eq!(submitted.len(), 3);
    assert!(submitted.iter().all(|id| *id == submitted[0]), "{submitted:?}");
}

#[tokio::test]
async fn the_wait_for_a_callback_tells_which_timeout_it_was() {
    for (error_type, is_heartbeat) in [("Callback.Timeout", false), ("Callback.Heartbeat", true)] {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<(bool, bool)> {
            let answer = ctx.wait_for_callback::<(), _, _>("answer", async |_, _| Ok(()));
            let error = answer.heartbeat_timeout(Duration::from_secs(9)).await.unwrap_err();
            ctx.wait("pause", Duration::from_secs(1)).await?;
            Ok((error.is_timeout(), error.is_heartbeat_timeout()))
        };
        ledger.invoke(&handler).await.unwrap();
        ledger.amend_open_callback(|callback| {
            callback.status = OperationStatus::TimedOut;
            let error = ErrorObject::new(error_type, "Callback timed out");
            callback.callback_details_mut().unwrap().error = Some(error.into());
        });

        assert_eq!(result(ledger.run(&handler).await), format!("[true,{is_heartbeat}]"));
    }
}
