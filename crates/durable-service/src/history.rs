//! The history of an execution as GetDurableExecutionHistory returns it.

use durable_types::history;
use durable_types::history::{
    EventDetails, EventReason, ExecutionPausedDetails, ExecutionResumedDetails, ExecutionStartedDetails,
    InvocationCompletedDetails,
};

use crate::event::{Event, InvocationEnding};
use crate::payload::Payload;

/// Converts events into history events, one at a time.
///
/// ```
/// # use durable_service::{Execution, History, InvocationHeaders, Seed, Settings, StartExecution};
/// # use durable_types::{DurableConfig, Timestamp};
/// # let arn = "arn:aws:lambda:eu-west-1:123456789012:function:hello:1/durable-execution/a/0b1c".parse()?;
/// # let request = StartExecution {
/// #     execution_arn: arn, input: None, durable_config: DurableConfig::default(), synchronous: true,
/// #     headers: InvocationHeaders::default(), seed: Seed::default(),
/// # };
/// let (_, outcome) = Execution::start(request, &Settings::default(), Timestamp::EPOCH)?;
///
/// let mut history = History::default();
/// let shown: Vec<_> = outcome.events.iter().filter_map(|event| history.apply(event)).collect();
///
/// assert_eq!(shown[0].event_id, 1);
/// assert_eq!(shown.len(), 1, "an invocation appears once it has completed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    last_event_id: u64,
}

impl History {
    /// Resumes after the history event with this id; 0 starts at the beginning.
    pub fn after(last_event_id: u64) -> Self {
        Self { last_event_id }
    }

    /// Returns the id of the last history event.
    pub fn last_event_id(&self) -> u64 {
        self.last_event_id
    }

    /// Converts the next event, or returns `None` if the history omits it.
    pub fn apply(&mut self, event: &Event) -> Option<history::Event> {
        let details = details(event)?;
        self.last_event_id += 1;
        let mut shown = history::Event::new(self.last_event_id, event.at(), details);
        match event {
            Event::ExecutionStarted(started) => {
                shown.id = Some(started.execution_arn.execution_id().into());
            }
            Event::ExecutionEnded(ended) => shown.id = Some(ended.id.as_str().into()),
            Event::ExecutionPaused(paused) => shown.id = Some(paused.id.as_str().into()),
            Event::ExecutionResumed(resumed) => shown.id = Some(resumed.id.as_str().into()),
            Event::OperationChanged(changed) => {
                shown.id = Some(changed.id.clone());
                shown.name.clone_from(&changed.name);
                shown.sub_type.clone_from(&changed.sub_type);
                shown.parent_id.clone_from(&changed.parent_id);
            }
            Event::InvocationStarted(_)
            | Event::InvocationCompleted(_)
            | Event::Checkpointed(_)
            | Event::PauseRequested(_)
            | Event::DeletionRequested(_) => {}
        }
        Some(shown)
    }

    /// Returns whether the history includes an event, which is cheaper than converting it.
    pub fn includes(event: &Event) -> bool {
        match event {
            Event::ExecutionStarted(_) | Event::ExecutionPaused(_) | Event::ExecutionEnded(_) => true,
            Event::InvocationCompleted(completed) => completed.ending != InvocationEnding::Withdrawn,
            Event::InvocationStarted(_)
            | Event::Checkpointed(_)
            | Event::PauseRequested(_)
            | Event::DeletionRequested(_) => false,
            Event::ExecutionResumed(resumed) => resumed.pause_took_effect,
            Event::OperationChanged(changed) => changed.change.is_in_history(),
        }
    }
}

/// Returns the complete history of these events.
pub fn history(events: &[Event]) -> Vec<history::Event> {
    let mut history = History::default();
    events.iter().filter_map(|event| history.apply(event)).collect()
}

fn details(event: &Event) -> Option<EventDetails> {
    match event {
        Event::ExecutionStarted(started) => {
            Some(EventDetails::ExecutionStarted(ExecutionStartedDetails::new(
                started.input.clone().map(Payload::into_string),
                started.execution_timeout,
            )))
        }
        // The function never received this invocation.
        Event::InvocationCompleted(completed) if completed.ending == InvocationEnding::Withdrawn => None,
        Event::InvocationCompleted(completed) => {
            let request_id = completed.request_id.clone();
            let mut details = InvocationCompletedDetails::new(completed.started_at, completed.at, request_id);
            details.error = completed.error.clone().map(Into::into);
            Some(EventDetails::InvocationCompleted(details))
        }
        Event::OperationChanged(changed) => changed.change.history(changed.at),
        Event::ExecutionEnded(ended) => Some(ended.end.history()),
        Event::ExecutionPaused(paused) => {
            let mut details =
                ExecutionPausedDetails::new(paused.requested_at, paused.execution_timeout_paused);
            details.reason = paused.reason.clone().map(reason);
            Some(EventDetails::ExecutionPaused(details))
        }
        Event::ExecutionResumed(resumed) if resumed.pause_took_effect => {
            let mut details = ExecutionResumedDetails::new(resumed.at);
            details.reason = resumed.reason.clone().map(reason);
            Some(EventDetails::ExecutionResumed(details))
        }
        Event::InvocationStarted(_)
        | Event::Checkpointed(_)
        | Event::PauseRequested(_)
        | Event::ExecutionResumed(_)
        | Event::DeletionRequested(_) => None,
    }
}

fn reason(text: Payload) -> EventReason {
    Some(text.into_string()).into()
}
