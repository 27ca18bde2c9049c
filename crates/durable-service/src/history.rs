//! The history of an execution as AWS tells it, a fold of the same events.

use durable_types::history;
use durable_types::history::{
    EventDetails, EventReason, ExecutionPausedDetails, ExecutionResumedDetails, ExecutionStartedDetails,
    InvocationCompletedDetails,
};

use crate::event::{Event, InvocationEnding};
use crate::payload::Payload;

/// Tells the history event by event.
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
/// let told: Vec<_> = outcome.events.iter().filter_map(|event| history.apply(event)).collect();
///
/// assert_eq!(told[0].event_id, 1);
/// assert_eq!(told.len(), 1, "that the function was invoked is told when it ends");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    last_event_id: u64,
}

impl History {
    /// Goes on after the event with this id; 0 is the beginning.
    pub fn after(last_event_id: u64) -> Self {
        Self { last_event_id }
    }

    /// The id of the last event that was told.
    pub fn last_event_id(&self) -> u64 {
        self.last_event_id
    }

    /// Tells the next event; none if the history does not mention it.
    pub fn apply(&mut self, event: &Event) -> Option<history::Event> {
        let details = details(event)?;
        self.last_event_id += 1;
        let mut told = history::Event::new(self.last_event_id, event.at(), details);
        match event {
            Event::ExecutionStarted(started) => {
                told.id = Some(started.execution_arn.execution_id().to_owned());
            }
            Event::ExecutionEnded(ended) => told.id = Some(ended.id.clone()),
            Event::ExecutionPaused(paused) => told.id = Some(paused.id.clone()),
            Event::ExecutionResumed(resumed) => told.id = Some(resumed.id.clone()),
            Event::OperationChanged(changed) => {
                told.id = Some(changed.id.clone());
                told.name.clone_from(&changed.name);
                told.sub_type.clone_from(&changed.sub_type);
                told.parent_id.clone_from(&changed.parent_id);
            }
            Event::InvocationStarted(_)
            | Event::InvocationCompleted(_)
            | Event::Checkpointed(_)
            | Event::PauseRequested(_)
            | Event::DeletionRequested(_) => {}
        }
        Some(told)
    }

    /// Whether the history mentions this event, which costs less than telling it.
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

/// The history that these events make, from the beginning.
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
        // The function knows nothing of an invocation that it never received.
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
