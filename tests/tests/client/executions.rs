//! Reads and changes of executions.

use std::time::Duration;

use durable::aws::client::ClientError;
use durable::types::ExecutionStatus;

use crate::functions::{Declined, approve_live, fulfil_live, order, running};

#[tokio::test]
async fn executions_are_listed_by_status_name_and_page() {
    let running = running().await;
    let client = &running.client;
    for (name, cents) in [("a", 1), ("b", 2), ("c", 0)] {
        let execution = client.start(fulfil_live(), &order(cents)).execution_name(name).await.unwrap();
        let _ = execution.result().await;
    }
    let names = |listed: Vec<durable::types::api::ExecutionSummary>| -> Vec<String> {
        listed.into_iter().map(|execution| execution.durable_execution_name).collect()
    };

    let all = client.executions("fulfil").max_items(2).await.unwrap();
    let failed = client.executions(fulfil_live()).status(ExecutionStatus::Failed).await.unwrap();
    let named = client.executions("fulfil").execution_name("b").await.unwrap();
    let oldest = client.executions("fulfil").reverse_order(true).max_items(1).next_page().await.unwrap();

    assert_eq!(names(all), ["c", "b", "a"]);
    assert_eq!(names(failed), ["c"]);
    assert_eq!(names(named), ["b"]);
    assert_eq!(names(oldest.unwrap()), ["a"]);
}

#[tokio::test]
async fn a_history_is_read_whole_or_page_by_page_in_both_directions() {
    let running = running().await;
    let execution = running.client.start(fulfil_live(), &order(1)).await.unwrap();
    execution.result().await.unwrap();

    let all = execution.history().max_items(2).await.unwrap();
    let newest = execution.history().reverse_order(true).max_items(1).next_page().await.unwrap().unwrap();
    let without_data = execution.history().include_execution_data(false).await.unwrap();

    let ids: Vec<_> = all.iter().map(|event| event.event_id).collect();
    assert!(ids.len() > 2 && ids.is_sorted(), "{ids:?}");
    assert_eq!(newest.as_slice(), &all[all.len() - 1..]);
    assert_eq!(without_data.len(), all.len());
    assert!(!format!("{:?}", serde_json::to_string(&without_data).unwrap()).contains("order-17"));
}

#[tokio::test]
async fn a_stopped_execution_ends_with_the_error_that_was_given() {
    let mut running = running().await;
    let execution = running.client.start(approve_live(), &()).await.unwrap();
    let _callback = running.callback().await;

    let stopped = execution.stop().error(durable::Error::typed(Declined { code: 9 })).await.unwrap();
    let again = execution.stop().await.unwrap();

    let error = execution.result().await.unwrap_err();
    assert_eq!(stopped, again);
    assert!(error.execution_error().unwrap().is_stopped());
    assert_eq!(error.downcast_ref(), Some(&Declined { code: 9 }));
}

#[tokio::test]
async fn a_wait_gives_up_while_the_execution_continues() {
    let mut running = running().await;
    let execution = running.client.start(approve_live(), &()).await.unwrap();
    let callback = running.callback().await;

    let error = execution.result().timeout(Duration::from_millis(1)).await.unwrap_err();
    callback.succeed("approved").await.unwrap();

    assert!(matches!(error, ClientError::NotEnded { .. }), "{error:?}");
    assert_eq!(execution.result().await.unwrap(), Ok("approved".to_owned()));
}

#[tokio::test]
async fn a_paused_execution_continues_once_it_is_resumed() {
    let mut running = running().await;
    let execution = running.client.start(approve_live(), &()).await.unwrap();
    let callback = running.callback().await;

    execution.pause().reason("maintenance").await.unwrap();
    callback.succeed("approved").await.unwrap();
    let paused = execution.describe().include_execution_data(false).await.unwrap();
    execution.resume().reason("done").await.unwrap();

    assert!(matches!(paused.status, ExecutionStatus::Paused | ExecutionStatus::Pausing), "{}", paused.status);
    assert_eq!(execution.result().await.unwrap(), Ok("approved".to_owned()));
}

#[tokio::test]
async fn a_deleted_execution_frees_its_name() {
    let running = running().await;
    let start = |cents| running.client.start(fulfil_live(), &order(cents)).execution_name("o-17");
    let first = start(1).await.unwrap();
    first.result().await.unwrap();

    first.delete().await.unwrap();

    let second = start(2).await.unwrap();
    assert_eq!(second.result().await.unwrap().total, 3);
    assert!(first.describe().await.is_err());
}
