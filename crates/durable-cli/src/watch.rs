//! Shows an execution while it runs, until it ends or the command is interrupted.

use std::sync::Arc;
use std::time::Duration;

use durable_host::error::ExecutionLost;
use durable_local::{ClosedExecution, ExecutionWatch, LocalService};
use durable_types::history::{Event, EventDetails};
use durable_types::{DurableExecutionArn, ErrorObject, Timestamp};
use tokio::time::sleep;

use crate::clock;
use crate::display::{Console, LiveTimeline};
use crate::interrupts::Interrupts;

/// How long events are collected before they are shown, so that quick steps share one read of the record.
const GATHER: Duration = Duration::from_millis(20);

/// How watching an execution ended.
pub(crate) enum Watched {
    /// The execution ended.
    Closed(Arc<ClosedExecution>),
    /// The user interrupted the command.
    Interrupted,
    /// The function repeatedly ends without an answer, so waiting is useless until it is repaired.
    Broken(Box<ErrorObject>),
}

/// Consecutive invocations that may end without recording anything. The service retries the last ones at once.
const MOST_FAILURES: usize = 4;

/// Shows the events of an execution until it ends.
pub(crate) async fn show_until_closed(
    service: &LocalService,
    arn: &DurableExecutionArn,
    console: &Console,
    interrupts: &mut Interrupts,
) -> Result<Watched, ExecutionLost> {
    tokio::select! {
        // Shows remaining output before the interruption is reported.
        biased;
        shown = show(service.watch(arn).await?, console) => {
            if let Some(error) = shown? {
                return Ok(Watched::Broken(Box::new(error)));
            }
        }
        () = interrupts.next() => return Ok(Watched::Interrupted),
    }
    service.wait_closed(arn).await.map(Watched::Closed)
}

/// Shows events until there are no more, or until the function turns out to be broken.
async fn show(mut watch: ExecutionWatch, console: &Console) -> Result<Option<ErrorObject>, ExecutionLost> {
    let mut timeline = LiveTimeline::default();
    let mut failures = Failures::since(clock::now());
    while let Some(events) = watch.next().await? {
        console.show(timeline.apply(&events));
        if let Some(error) = failures.count(&events) {
            return Ok(Some(error));
        }
        sleep(GATHER).await;
    }
    Ok(None)
}

/// Counts invocations that ended without an answer and without anything recorded.
#[derive(Debug)]
struct Failures {
    /// Earlier events are ignored, because the function may have been repaired since.
    since: Timestamp,
    in_a_row: usize,
}

impl Failures {
    fn since(since: Timestamp) -> Self {
        Self { since, in_a_row: 0 }
    }

    /// Returns the last error, if there were too many consecutive ones.
    fn count(&mut self, events: &[Event]) -> Option<ErrorObject> {
        let mut last = None;
        for event in events.iter().filter(|event| event.event_timestamp >= self.since) {
            last = failure(event);
            self.in_a_row = if last.is_some() { self.in_a_row.saturating_add(1) } else { 0 };
        }
        last.filter(|_| self.in_a_row >= MOST_FAILURES)
    }
}

/// Returns the error of an invocation that ended without an answer, if that is the event.
fn failure(event: &Event) -> Option<ErrorObject> {
    let EventDetails::InvocationCompleted(details) = &event.details else { return None };
    details.error.as_ref()?.payload.clone()
}

#[cfg(test)]
mod tests {
    use durable_types::history::InvocationCompletedDetails;

    use super::*;

    fn completed(millis: i64, error: Option<ErrorObject>) -> Event {
        let at = Timestamp::from_millis(millis);
        let mut details = InvocationCompletedDetails::new(at, at, "1");
        details.error = error.map(Into::into);
        Event::new(1, at, EventDetails::InvocationCompleted(details))
    }

    fn crash() -> Option<ErrorObject> {
        Some(ErrorObject::new("Runtime.ExitError", "exit status 1"))
    }

    #[test]
    fn a_function_that_crashes_four_times_in_a_row_is_broken() {
        let mut failures = Failures::since(Timestamp::EPOCH);

        let early = failures.count(&[completed(1, crash()), completed(2, crash()), completed(3, crash())]);
        let last = failures.count(&[completed(4, crash())]);

        assert_eq!(early, None);
        assert_eq!(last, crash());
    }

    #[test]
    fn an_answer_in_between_makes_it_whole_again() {
        let mut failures = Failures::since(Timestamp::EPOCH);

        let verdict = failures.count(&[
            completed(1, crash()),
            completed(2, crash()),
            completed(3, None),
            completed(4, crash()),
            completed(5, crash()),
        ]);

        assert_eq!(verdict, None);
    }

    #[test]
    fn crashes_of_an_earlier_run_do_not_count() {
        let mut failures = Failures::since(Timestamp::from_millis(4));

        let verdict = failures.count(&[1, 2, 3, 4].map(|millis| completed(millis, crash())));

        assert_eq!(verdict, None);
    }
}
