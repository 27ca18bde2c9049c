//! Concurrent requests while an execution is loaded or recorded.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use durable_host::logs::MemoryLog;
use durable_host::{ExecutionStart, Host, HostSettings};
use durable_service::Command;
use durable_types::api::PauseRequest;
use durable_types::{DurableExecutionArn, ExecutionStatus};
use tokio::time::{sleep, timeout};

use crate::clock::{VirtualClock, run};
use crate::failing_store::FailingStore;
use crate::functions::Functions;

const PATIENCE: Duration = Duration::from_secs(5);

fn host() -> Host {
    let edges = |functions: Arc<Functions>| {
        let store = Arc::new(FailingStore::new(0, 0));
        let mut edges = HostSettings::new(store, Arc::new(MemoryLog::new(1_024)), functions);
        edges.clock = Arc::new(VirtualClock::new());
        edges
    };
    Functions::host(edges, &Arc::default())
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

async fn start(host: &Host, function: &str) -> DurableExecutionArn {
    host.start(ExecutionStart::new(function)).await.unwrap().arn
}

#[test]
fn the_end_of_an_execution_is_seen_while_it_is_loaded_for_a_command() {
    run(async {
        let host = host();
        let arn = start(&host, "quick").await;
        host.wait_closed(&arn).await.unwrap();
        while host.is_active(&arn) {
            sleep(Duration::from_millis(5)).await;
        }

        let mut stop = pin!(host.command(&arn, Command::Stop { error: None }));
        assert!(poll(stop.as_mut()).is_pending());
        let closed = timeout(PATIENCE, async { tokio::join!(stop, host.wait_closed(&arn)).1 }).await;

        assert!(closed.expect("it is waited for for ever").is_ok());
    });
}

#[test]
fn an_execution_that_does_not_exist_is_not_waited_for_while_it_is_looked_up() {
    run(async {
        let host = host();
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:order:1/durable-execution/first/0b1c";
        let arn: DurableExecutionArn = arn.parse().unwrap();

        let mut stop = pin!(host.command(&arn, Command::Stop { error: None }));
        assert!(poll(stop.as_mut()).is_pending());
        let closed = timeout(PATIENCE, async { tokio::join!(stop, host.wait_closed(&arn)).1 }).await;

        assert!(closed.expect("it is waited for for ever").is_err());
    });
}

#[test]
fn changes_are_not_read_before_they_are_recorded() {
    run(async {
        let host = host();
        let arn = start(&host, "hang").await;

        let mut pause = pin!(host.command(&arn, Command::Pause(PauseRequest::new(arn.as_str()))));
        assert!(poll(pause.as_mut()).is_pending());
        let mut read = pin!(host.read(&arn, |execution| execution.status().clone()));
        assert!(poll(read.as_mut()).is_pending());
        pause.await.unwrap();
        // The read was answered along with the pause.
        let mut stop = pin!(host.command(&arn, Command::Stop { error: None }));
        assert!(poll(stop.as_mut()).is_pending());
        let seen = poll(read.as_mut());
        let is_recorded = poll(stop.as_mut()).is_ready();

        if let Poll::Ready(seen) = seen {
            assert!(is_recorded || seen.unwrap().unwrap() != ExecutionStatus::Stopped, "not recorded yet");
        }
    });
}

#[test]
fn an_end_is_not_reported_before_it_is_recorded() {
    run(async {
        let host = host();
        let arn = start(&host, "hang").await;
        let mut closed = pin!(host.wait_closed(&arn));
        assert!(poll(closed.as_mut()).is_pending());

        let mut pause = pin!(host.command(&arn, Command::Pause(PauseRequest::new(arn.as_str()))));
        assert!(poll(pause.as_mut()).is_pending());
        let mut stop = pin!(host.command(&arn, Command::Stop { error: None }));
        assert!(poll(stop.as_mut()).is_pending());
        pause.await.unwrap();

        let is_closed = poll(closed.as_mut()).is_ready();
        let is_recorded = poll(stop.as_mut()).is_ready();
        assert!(is_recorded || !is_closed, "not recorded yet");
    });
}
