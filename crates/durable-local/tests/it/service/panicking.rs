//! Functions in the process of the service that panic.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use durable_local::{ExecutionStart, FunctionDefinition, LocalService, Settings};
use durable_types::InvocationOutput;
use tokio::time::timeout;

/// A function that panics when it is invoked for the first time: before its future is made, or in there.
fn panicking_once(in_future: bool) -> FunctionDefinition {
    let invocations = Arc::new(AtomicUsize::new(0));
    FunctionDefinition::in_process("order", move |_| {
        let is_first = invocations.fetch_add(1, Ordering::SeqCst) == 0;
        assert!(in_future || !is_first, "out of paper");
        async move {
            assert!(!is_first, "out of ink");
            let output = InvocationOutput::Succeeded { result: Some("1".to_owned()) };
            Ok(serde_json::to_vec(&output).unwrap().into())
        }
    })
}

#[tokio::test]
async fn a_panic_ends_the_invocation_which_is_tried_again() {
    for (in_future, message) in [(false, "out of paper"), (true, "out of ink")] {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::new(folder.path()).with_function(panicking_once(in_future));
        let service = LocalService::start(settings).await.unwrap();

        let arn = service.start_execution(ExecutionStart::new("order")).await.unwrap().arn;
        let closed = timeout(Duration::from_secs(20), service.wait_closed(&arn)).await.unwrap().unwrap();

        assert_eq!(closed.result.as_deref(), Some("1"));
        let events = service.watch(&arn).await.unwrap().next().await.unwrap().unwrap();
        let history = serde_json::to_string(&events).unwrap();
        assert!(history.contains(&format!("the function panicked: {message}")), "{history}");
        service.shutdown().await;
    }
}

#[tokio::test]
async fn a_plain_function_that_panics_answers_with_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let host = super::guest::Host::start_guest(folder.path(), |_, settings| {
        settings.with_function(panicking_once(true).plain())
    })
    .await;

    let answer = host.call(super::client::Call::invoke("1")).await;

    assert_eq!((answer.status, answer.header("x-amz-function-error")), (200, Some("Unhandled")));
    assert_eq!(answer.json()["errorMessage"], "the function panicked: out of ink");
}
