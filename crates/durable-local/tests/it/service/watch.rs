//! Following an execution while it runs.

use durable_local::ExecutionStart;

use super::guest::Host;

async fn watched(host: &Host, input: &str) -> Vec<u64> {
    let start = ExecutionStart { input: Some(format!("\"{input}\"")), ..ExecutionStart::new("order") };
    let arn = host.service().start_execution(start).await.unwrap().arn;
    let mut watch = host.service().watch(&arn).await.unwrap();
    let mut ids = Vec::new();
    while let Some(events) = watch.next().await.unwrap() {
        ids.extend(events.iter().map(|event| event.event_id));
    }
    ids
}

#[tokio::test]
async fn every_event_is_shown_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    assert_eq!(watched(&host, "steps 30").await, (1..=63).collect::<Vec<_>>());
    assert_eq!(watched(&host, "wait 1").await, (1..=6).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_execution_that_has_ended_is_shown_from_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let start = ExecutionStart::new("order");
    let arn = host.service().start_execution(start).await.unwrap().arn;
    host.service().wait_closed(&arn).await.unwrap();

    let mut watch = host.service().watch(&arn).await.unwrap();

    assert_eq!(watch.next().await.unwrap().unwrap().len(), 3);
    assert!(watch.next().await.unwrap().is_none());
}

#[tokio::test]
async fn an_unknown_execution_cannot_be_watched() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST/durable-execution/a/b";

    let lost = host.service().watch(&arn.parse().unwrap()).await.map(|_| ()).unwrap_err();

    assert_eq!(lost.to_string(), format!("there is no execution {arn}"));
}
