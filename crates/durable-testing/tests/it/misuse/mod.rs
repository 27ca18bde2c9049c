//! What cannot be replayed is rejected at once, with an error that says so, and never hangs.

mod again;
mod escaped;
mod outer_context;
mod real_errors;
mod stuck;
mod values_in_bodies;

use std::time::Duration;

use durable_core::DurableContext;
use durable_core::error::IntoError;
use durable_testing::{CallbackAnswer, TestExecution, TestRunner};
use durable_types::ExecutionStatus;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

const SECOND: Duration = Duration::from_secs(1);

/// Longer than any of these executions takes in the time of the runtime, which passes at once when nothing happens.
const FOREVER: Duration = Duration::from_hours(1);

/// Runs a handler to the end of its execution, and answers its callbacks; none if an invocation hangs.
async fn run<H, F, O, E>(handler: H) -> Option<TestExecution>
where
    H: Fn((), DurableContext) -> F + Send + Sync,
    F: Future<Output = Result<O, E>> + Send,
    O: Serialize + DeserializeOwned + Send + Sync,
    E: IntoError,
{
    let add = async |number: usize| durable_core::Ok(number + 1);
    let runner = TestRunner::new(handler).plain_function("add", add);
    let ended = timeout(FOREVER, async {
        let mut execution = runner.start(&()).unwrap();
        while !execution.is_closed() {
            assert!(execution.elapsed() < FOREVER, "the execution does not end");
            execution.run_for(SECOND).await.unwrap();
            let open = if execution.is_closed() { Vec::new() } else { execution.open_callbacks() };
            for callback in open {
                let answer = CallbackAnswer::Succeeded(Some("1".to_owned()));
                execution.answer_callback(&callback.id, answer).unwrap();
            }
        }
        execution.finish().await.unwrap()
    });
    ended.await.ok()
}

/// What is wrong with the outcomes of several handlers.
#[derive(Debug, Default)]
struct Problems(Vec<String>);

impl Problems {
    /// Checks that an execution failed with a message that contains all of this.
    fn expect_failure(&mut self, label: &str, ended: Option<&TestExecution>, words: &[&str]) {
        let Some(execution) = ended else { return self.add(label, "an invocation hangs") };
        if execution.status() != &ExecutionStatus::Failed {
            return self.add(label, &format!("{:?}", execution.result::<serde_json::Value>()));
        }
        let message = message(execution);
        if message.is_empty() || !words.iter().all(|word| message.contains(word)) {
            self.add(label, &format!("expected a message with {words:?}, but got: {message}"));
        }
    }

    /// Checks that an execution failed in its first invocation, with a message that contains all of this.
    fn expect_rejection(&mut self, label: &str, ended: Option<&TestExecution>, words: &[&str]) {
        self.expect_failure(label, ended, words);
        let Some(execution) = ended.filter(|execution| execution.error().is_some()) else { return };
        if execution.invocations() > 1 {
            self.add(label, &format!("it failed in invocation {} only", execution.invocations()));
        }
    }

    fn add(&mut self, label: &str, problem: &str) {
        self.0.push(format!("{label}: {problem}"));
    }

    #[track_caller]
    fn assert_none(self) {
        assert!(self.0.is_empty(), "{} problems\n{}", self.0.len(), self.0.join("\n"));
    }
}

/// The message of the error that an execution failed with.
fn message(execution: &TestExecution) -> &str {
    execution.error().and_then(|error| error.error_message.as_deref()).unwrap_or_default()
}
