//! Executions that are loaded from the store, to be read or to resume.

use std::time::Duration;

use durable_host::ExecutionStart;
use durable_service::Command;
use tokio::time::{sleep, timeout};

use crate::clock::run;
use crate::failing_store::FailingStore;
use crate::panics::host;

#[test]
fn an_execution_resumes_while_many_others_are_read() {
    run(async {
        let store = FailingStore::new(0, 0);
        let host = host(&store);
        let arn = host.start(ExecutionStart::new("order")).await.unwrap().arn;
        let read = host.start(ExecutionStart::new("order")).await.unwrap().arn;
        // Both are passivated meanwhile.
        sleep(Duration::from_secs(10)).await;

        store.stall_next(4, Duration::from_secs(600));
        for _ in 0..20 {
            let (host, read) = (host.clone(), read.clone());
            tokio::spawn(async move { host.read(&read, |_| ()).await });
        }
        sleep(Duration::from_millis(1)).await;
        let stopped = host.command(&arn, Command::Stop { error: None });

        timeout(Duration::from_secs(60), stopped).await.expect("it need not wait for the reads").unwrap();
    });
}
