//! Handlers of the SDK in the process of the service, without HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use durable_core::{DurableContext, Result};
use durable_local::{ClosedExecution, ExecutionStart, LocalService};
use durable_types::ExecutionStatus;

async fn run(service: &LocalService, function: &str, input: &str) -> Arc<ClosedExecution> {
    let start = ExecutionStart { input: Some(input.to_owned()), ..ExecutionStart::new(function) };
    let started = service.start_execution(start).await.unwrap();
    service.wait_closed(&started.arn).await.unwrap()
}

async fn many(count: u32, ctx: DurableContext) -> Result<usize> {
    let mut bytes = 0;
    for index in 0..count {
        bytes += ctx.step(format!("step-{index}"), async |_| Ok("x".repeat(100_000))).await?.len();
    }
    ctx.wait("pause", Duration::from_secs(1)).await?;
    ctx.step("last", async |_| Ok(())).await?;
    Ok(bytes)
}

#[tokio::test]
async fn a_history_of_many_pages_is_read_through_the_service() {
    let service = LocalService::builder().handler("many", many).start().await.unwrap();

    let closed = run(&service, "many", "80").await;

    assert_eq!(closed.result.as_deref(), Some("8000000"));
    assert_eq!(service.address(), None);
}

#[tokio::test]
async fn an_execution_in_a_folder_continues_in_the_next_service() {
    let folder = tempfile::tempdir().unwrap();
    let charges = Arc::new(AtomicUsize::new(0));
    let order = || {
        let charges = Arc::clone(&charges);
        move |_: (), ctx: DurableContext| {
            let charges = Arc::clone(&charges);
            async move {
                ctx.step("charge", async |_| Ok(charges.fetch_add(1, Ordering::SeqCst))).await?;
                ctx.wait("settle", Duration::from_secs(1)).await?;
                durable_core::Ok("done".to_owned())
            }
        }
    };
    let service = async || {
        LocalService::builder().folder(folder.path()).handler("order", order()).start().await.unwrap()
    };
    let first = service().await;
    let arn = first.start_execution(ExecutionStart::new("order")).await.unwrap().arn;
    while charges.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    first.shutdown().await;

    let closed = service().await.wait_closed(&arn).await.unwrap();

    assert_eq!(closed.result.as_deref(), Some("\"done\""));
}

#[tokio::test]
async fn a_handler_calls_a_plain_function_and_fails_with_its_own_error() {
    async fn order(fails: bool, ctx: DurableContext) -> Result<u32> {
        let tax: u32 = ctx.invoke("tax", "tax:$LATEST", &20).await?;
        if fails { Err(std::io::Error::other("declined").into()) } else { Ok(tax) }
    }
    let tax = async |input: Bytes| {
        let price: u32 = serde_json::from_slice(&input).unwrap();
        Ok(Bytes::from((price / 5).to_string()))
    };
    let service = LocalService::builder().handler("order", order).plain_function("tax", tax).start().await;
    let service = service.unwrap();

    let succeeded = run(&service, "order", "false").await;
    let failed = run(&service, "order", "true").await;

    assert_eq!(succeeded.result.as_deref(), Some("4"));
    assert_eq!(failed.status, ExecutionStatus::Failed);
    assert_eq!(failed.error.as_ref().unwrap().error_message.as_deref(), Some("declined"));
}

#[tokio::test]
async fn a_handler_that_panics_fails_its_invocation() {
    async fn broken(_: (), _: DurableContext) -> Result<()> {
        panic!("out of paper");
    }
    let service = LocalService::builder().handler("broken", broken);
    let service = service.settings(|settings| settings.rules.max_handler_errors = Some(1));

    let closed = run(&service.start().await.unwrap(), "broken", "null").await;

    let message = closed.error.as_ref().unwrap().error_message.clone().unwrap();
    assert!(message.contains("out of paper"), "{message}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_blocks_does_not_block_the_shutdown() {
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let held = Arc::new(std::sync::Mutex::new(held));
    let (entered, mut has_entered) = tokio::sync::mpsc::unbounded_channel();
    let stuck = move |_: (), _: DurableContext| {
        let (held, entered) = (Arc::clone(&held), entered.clone());
        async move {
            entered.send(()).unwrap();
            let _ = held.lock().unwrap().recv();
            durable_core::Ok(())
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let service =
        LocalService::builder().folder(folder.path()).handler("stuck", stuck).start().await.unwrap();
    service.start_execution(ExecutionStart::new("stuck")).await.unwrap();
    has_entered.recv().await.unwrap();

    let shutdown = tokio::time::timeout(Duration::from_secs(20), service.shutdown()).await;

    assert!(shutdown.is_ok(), "it waits for the handler");
    drop(let_go);
}
