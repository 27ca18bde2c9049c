//! An execution that has ended, for assertions.

use std::time::Duration;

use durable_service::{Event, Execution, History};
use durable_timeline::Timeline;
use durable_types::api::ServiceError;
use durable_types::{ErrorObject, ExecutionStatus, Operation, history};
use serde::de::DeserializeOwned;

use crate::error::TestError;

/// An execution that has ended.
#[derive(Clone, Debug)]
pub struct TestExecution {
    pub(crate) execution: Execution,
    pub(crate) events: Vec<Event>,
    pub(crate) checkpoints: usize,
    pub(crate) refusals: Vec<ServiceError>,
}

impl TestExecution {
    /// Returns the status with which it ended.
    pub fn status(&self) -> &ExecutionStatus {
        self.execution.status()
    }

    /// Returns the result of the handler.
    ///
    /// # Errors
    /// Returns an error if the execution did not succeed, or if its result cannot be deserialized as a `T`.
    pub fn result<T: DeserializeOwned>(&self) -> Result<T, TestError> {
        if self.status() != &ExecutionStatus::Succeeded {
            return Err(TestError::NotSucceeded(
                self.status().clone(),
                self.error().cloned().unwrap_or_default(),
            ));
        }
        serde_json::from_str(self.execution.result().unwrap_or("null")).map_err(TestError::Json)
    }

    /// Returns the error of the execution, if it failed.
    pub fn error(&self) -> Option<&ErrorObject> {
        self.execution.error()
    }

    /// Returns its operations in the order in which they started, beginning with the execution itself.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.execution.operations()
    }

    /// Returns the first operation with this name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations().find(|operation| operation.name.as_deref() == Some(name))
    }

    /// Returns its history, as GetDurableExecutionHistory does.
    pub fn history(&self) -> Vec<history::Event> {
        durable_service::history(&self.events)
    }

    /// Returns its timeline, which is [displayed](Timeline#impl-Display-for-Timeline) as text: when each operation ran
    /// and waited, its attempts and their errors.
    ///
    /// The text contains no ids, and times only relative to the start of the execution, so it is the same in every run
    /// of a deterministic test. It suits snapshots, and the messages of assertions.
    ///
    /// ```
    /// use std::time::Duration;
    /// use durable_core::{DurableContext, Error, Result};
    /// use durable_core::retry::RetryStrategy;
    /// use durable_testing::TestRunner;
    ///
    /// async fn order(_: (), ctx: DurableContext) -> Result<()> {
    ///     ctx.step("charge", async |step| match step.attempt() {
    ///         1 => Err(Error::msg("declined")),
    ///         _ => Ok(()),
    ///     })
    ///     .retry(RetryStrategy::fixed(Duration::from_secs(5)))
    ///     .await?;
    ///     Ok(ctx.wait("settle", Duration::from_mins(1)).await?)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let execution = TestRunner::new(order).run(&()).await.unwrap();
    ///
    /// assert_eq!(
    ///     execution.timeline().to_string(),
    ///     "\
    /// SUCCEEDED after 1m 05s, 3 invocations
    ///     0 ms    5.0 s  ✓ step charge, 2 attempts
    ///                      attempt 1: Error: declined; next attempt in 5 s
    ///    5.0 s   1m 00s  ✓ wait settle
    /// "
    /// );
    /// # }
    /// ```
    pub fn timeline(&self) -> Timeline {
        timeline(&self.events)
    }

    /// Returns the number of invocations.
    pub fn invocations(&self) -> u64 {
        self.execution.invocation_count()
    }

    /// Returns the number of recorded checkpoints.
    pub fn checkpoints(&self) -> usize {
        self.checkpoints
    }

    /// Returns the errors with which the service rejected requests of this execution and those it invoked.
    ///
    /// There are none without [faults](crate::TestRunner::fault).
    pub fn refusals(&self) -> &[ServiceError] {
        &self.refusals
    }

    /// Returns its duration in virtual time.
    pub fn elapsed(&self) -> Duration {
        let end = self.execution.end_timestamp().unwrap_or_default();
        whole_millis(end.saturating_since(self.execution.start_timestamp()))
    }
}

/// Returns the timeline of the history of these events.
pub(crate) fn timeline(events: &[Event]) -> Timeline {
    let mut history = History::default();
    let mut timeline = Timeline::default();
    for event in events.iter().filter_map(|event| history.apply(event)) {
        timeline.apply(&event);
    }
    timeline
}

/// Rounds virtual time down to milliseconds, so that tests do not see the microsecond that each checkpoint takes.
pub(crate) fn whole_millis(elapsed: Duration) -> Duration {
    Duration::from_millis(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}
