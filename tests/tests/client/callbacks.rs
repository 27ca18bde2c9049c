//! Callbacks that a handler waits for, and a program answers.

use durable::types::api::ServiceErrorKind;

use crate::functions::{Declined, approve_live, running};

#[tokio::test]
async fn the_value_of_a_callback_reaches_the_handler() {
    let mut running = running().await;
    let execution = running.client.start(approve_live(), &()).await.unwrap();
    let callback = running.callback().await;

    callback.heartbeat().await.unwrap();
    callback.succeed("approved").await.unwrap();

    assert_eq!(execution.result().await.unwrap(), Ok("approved".to_owned()));
}

#[tokio::test]
async fn the_error_of_a_callback_is_downcast_by_the_handler() {
    let mut running = running().await;
    let execution = running.client.start(approve_live(), &()).await.unwrap();
    let callback = running.callback().await;

    callback.fail(Declined { code: 7 }).await.unwrap();

    assert_eq!(execution.result().await.unwrap(), Err(7));
}

#[tokio::test]
async fn a_callback_is_answered_once() {
    let mut running = running().await;
    let _execution = running.client.start(approve_live(), &()).await.unwrap();
    let callback = running.callback().await;
    callback.succeed("approved").await.unwrap();

    let errors = [
        callback.succeed("approved").await.unwrap_err(),
        callback.fail("rejected").await.unwrap_err(),
        callback.heartbeat().await.unwrap_err(),
    ];

    for error in errors {
        let refusal = error.refusal().unwrap();
        assert_eq!(refusal.kind(), &ServiceErrorKind::CallbackTimeout);
        assert!(!refusal.may_have_taken_effect());
    }
}
