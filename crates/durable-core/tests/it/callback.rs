//! Callbacks.

use std::sync::Mutex;
use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::types::{ErrorObject, InvocationOutput, Operation, OperationStatus};
use durable_core::{DurableContext, Error, Result};

use crate::ledger::{Ledger, error, result};

fn answered(text: &str) -> impl FnOnce(&mut Operation) {
    let text = text.to_owned();
    move |callback| {
        callback.status = OperationStatus::Succeeded;
        callback.callback_details_mut().unwrap().result = Some(text);
    }
}

fn ended(status: OperationStatus, error: ErrorObject) -> impl FnOnce(&mut Operation) {
    move |callback| {
        callback.status = status;
        callback.callback_details_mut().unwrap().error = Some(error.into());
    }
}

#[tokio::test]
async fn a_callback_tells_its_id_at_once_and_its_answer_later() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, u32)> {
        let callback = ctx.create_callback("approval").timeout(Duration::from_secs(60)).await?;
        let told = ctx.step("tell", async |_| Ok(callback.id().to_owned())).await?;
        Ok((told, callback.await?))
    };

    assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);
    ledger.amend("approval", answered("42"));

    assert_eq!(result(ledger.run(&handler).await), r#"["callback0",42]"#);
    let options = ledger.updates()[0][0].callback_options.clone().unwrap();
    assert_eq!((options.timeout_seconds, options.heartbeat_timeout_seconds), (Some(60), None));
}

#[tokio::test]
async fn how_a_callback_ended_shows_when_it_is_awaited_and_not_when_it_is_created() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let callback = ctx.create_callback::<u32>("approval").await?;
        ctx.step("between", async |_| Ok(())).await?;
        let error = callback.await.unwrap_err();
        Ok(format!("{} {} {error}", error.is_timeout(), error.is_heartbeat_timeout()))
    };
    ledger.invoke(&handler).await.unwrap();
    let timeout = ErrorObject::new("Callback.Heartbeat", "Callback timed out on heartbeat");
    ledger.amend("approval", ended(OperationStatus::TimedOut, timeout));

    let text = "callback `approval` ended as TIMED_OUT: Callback timed out on heartbeat";
    assert_eq!(result(ledger.run(&handler).await), format!("\"true true {text}\""));
}

#[tokio::test]
async fn a_callback_that_nobody_awaits_does_not_suspend() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let callback = ctx.create_callback::<u32>("approval").await?;
        tokio::time::sleep(Duration::from_millis(10)).await;
        drop(callback);
        Ok(7)
    };

    assert_eq!(result(ledger.invoke(&handler).await.unwrap()), "7");
}

#[tokio::test]
async fn a_timeout_of_no_time_is_an_error_and_records_nothing() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        ctx.create_callback("approval").timeout(Duration::ZERO).await?.await
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "InvalidArgumentError");
    assert!(message.contains("approval"), "{message}");
    assert!(ledger.calls().is_empty());
}

#[tokio::test]
async fn waiting_for_a_callback_submits_its_id_once_and_returns_the_answer() {
    static SUBMITTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let approval = ctx.wait_for_callback("approval", async |id, _| {
            SUBMITTED.lock().unwrap().push(id);
            Ok(())
        });
        let approval: String = approval.await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(approval)
    };

    assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);
    ledger.amend_type("CALLBACK", answered("\"yes\""));

    assert_eq!(result(ledger.run(&handler).await), "\"yes\"");
    assert_eq!(*SUBMITTED.lock().unwrap(), ["callback1"]);
    assert_eq!(ledger.operation("approval").sub_type.as_deref(), Some("WaitForCallback"));
}

#[tokio::test]
async fn a_submitter_that_fails_for_good_fails_the_waiting() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let approval = ctx.wait_for_callback("approval", async |_, _| Err(Error::msg("no such address")));
        let error = approval.retry(RetryStrategy::none()).await.map(|answer: u32| answer).unwrap_err();
        ctx.wait("pause", Duration::from_secs(1)).await?;
        assert!(error.is_submitter_failure());
        Ok(error.to_string())
    };

    let text = "callback `approval` failed: the submitter failed: step failed: no such address";
    assert_eq!(result(ledger.run(&handler).await), format!("\"{text}\""));
}

#[tokio::test]
async fn the_error_of_a_callback_is_the_error_of_waiting_for_it() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let approval = ctx.wait_for_callback("approval", async |_, _| Ok(()));
        let error = approval.await.map(|answer: u32| answer).unwrap_err();
        Ok(error.error_type().to_owned())
    };
    ledger.invoke(&handler).await.unwrap();
    ledger.amend_type("CALLBACK", ended(OperationStatus::Failed, ErrorObject::new("RejectedError", "no")));

    assert_eq!(result(ledger.run(&handler).await), "\"RejectedError\"");
}
