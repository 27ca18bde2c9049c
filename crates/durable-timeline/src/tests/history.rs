//! Builds histories event by event.

use durable_types::history::{
    CallbackStartedDetails, ChainedInvokeStartedDetails, ContextFailedDetails, ContextStartedDetails,
    ContextSucceededDetails, Event, EventDetails, EventResult, ExecutionStartedDetails,
    InvocationCompletedDetails, RetryDetails, StepFailedDetails, StepStartedDetails, StepSucceededDetails,
    WaitStartedDetails, WaitSucceededDetails,
};
use durable_types::{ErrorObject, Timestamp, sub_type};

/// A history, with times in milliseconds after its start.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) events: Vec<Event>,
    parent: Option<String>,
}

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_767_323_045_000 + millis)
}

pub(super) fn declined() -> ErrorObject {
    ErrorObject::new("PaymentError", "declined\nby the bank")
}

impl History {
    pub(super) fn begun() -> Self {
        let details = ExecutionStartedDetails::new(None, 60);
        Self::default().event(0, "", "", EventDetails::ExecutionStarted(details))
    }

    /// The operations that follow are inside this one.
    pub(super) fn inside(mut self, parent: &str) -> Self {
        self.parent = (!parent.is_empty()).then(|| parent.to_owned());
        self
    }

    /// Adds an event of the operation with this name, which is also its id.
    pub(super) fn event(mut self, millis: i64, name: &str, sub_type: &str, details: EventDetails) -> Self {
        let number = self.events.len() as u64 + 1;
        let mut event = Event::new(number, at(millis), details);
        if !name.is_empty() {
            event.id = Some(name.into());
            event.name = Some(name.into());
            event.sub_type = (!sub_type.is_empty()).then(|| sub_type.into());
            event.parent_id = self.parent.as_deref().map(Into::into);
        }
        self.events.push(event);
        self
    }

    /// Removes the name of the operation of the last event.
    pub(super) fn unnamed(mut self) -> Self {
        self.events.last_mut().unwrap().name = None;
        self
    }

    pub(super) fn step_started(self, millis: i64, name: &str) -> Self {
        self.event(millis, name, sub_type::STEP, EventDetails::StepStarted(StepStartedDetails::default()))
    }

    pub(super) fn step_succeeded(self, millis: i64, name: &str, attempt: u32) -> Self {
        self.polled(millis, name, attempt, None)
    }

    /// A step or a condition ended an attempt without an error.
    pub(super) fn polled(self, millis: i64, name: &str, attempt: u32, delay: Option<u64>) -> Self {
        let retry = RetryDetails::new(attempt, delay);
        let details = StepSucceededDetails::new(EventResult::default(), retry);
        self.event(millis, name, sub_type::STEP, EventDetails::StepSucceeded(details))
    }

    pub(super) fn step_failed(self, millis: i64, name: &str, attempt: u32, delay: Option<u64>) -> Self {
        let details = StepFailedDetails::new(declined(), RetryDetails::new(attempt, delay));
        self.event(millis, name, sub_type::STEP, EventDetails::StepFailed(details))
    }

    pub(super) fn step(self, start: i64, end: i64, name: &str) -> Self {
        self.step_started(start, name).step_succeeded(end, name, 1)
    }

    pub(super) fn marker(self, millis: i64, name: &str, sub_type: &str, value: &str) -> Self {
        let result = EventResult::from(Some(value.to_owned()));
        let details = StepSucceededDetails::new(result, RetryDetails::new(1, None));
        self.event(millis, name, sub_type, EventDetails::StepStarted(StepStartedDetails::default())).event(
            millis,
            name,
            sub_type,
            EventDetails::StepSucceeded(details),
        )
    }

    pub(super) fn wait_started(self, millis: i64, name: &str, seconds: u64) -> Self {
        let until = at(millis + i64::try_from(seconds).unwrap() * 1_000);
        let details = WaitStartedDetails::new(seconds, until);
        self.event(millis, name, sub_type::WAIT, EventDetails::WaitStarted(details))
    }

    pub(super) fn wait_ended(self, millis: i64, name: &str) -> Self {
        let details = WaitSucceededDetails::new(None);
        self.event(millis, name, sub_type::WAIT, EventDetails::WaitSucceeded(details))
    }

    pub(super) fn context_started(self, millis: i64, name: &str, sub_type: &str) -> Self {
        self.event(millis, name, sub_type, EventDetails::ContextStarted(ContextStartedDetails::default()))
    }

    pub(super) fn context_succeeded(self, millis: i64, name: &str, sub_type: &str) -> Self {
        let details = ContextSucceededDetails::new(EventResult::default());
        self.event(millis, name, sub_type, EventDetails::ContextSucceeded(details))
    }

    pub(super) fn context_failed(self, millis: i64, name: &str, sub_type: &str) -> Self {
        let details = ContextFailedDetails::new(declined());
        self.event(millis, name, sub_type, EventDetails::ContextFailed(details))
    }

    pub(super) fn callback_started(self, millis: i64, name: &str, timeout: Option<u64>) -> Self {
        let mut details = CallbackStartedDetails::new("Y2FsbGJhY2s=");
        details.timeout = timeout;
        self.event(millis, name, sub_type::CALLBACK, EventDetails::CallbackStarted(details))
    }

    pub(super) fn invoke_started(self, millis: i64, name: &str, arn: Option<&str>) -> Self {
        let mut details = ChainedInvokeStartedDetails::new("ship:1");
        details.durable_execution_arn = arn.map(str::to_owned);
        self.event(millis, name, sub_type::CHAINED_INVOKE, EventDetails::ChainedInvokeStarted(details))
    }

    pub(super) fn invocation(self, start: i64, end: i64, error: Option<ErrorObject>) -> Self {
        self.invocation_of("r-1", start, end, error)
    }

    /// An invocation with this request id ended.
    pub(super) fn invocation_of(
        self,
        request_id: &str,
        start: i64,
        end: i64,
        error: Option<ErrorObject>,
    ) -> Self {
        let mut details = InvocationCompletedDetails::new(at(start), at(end), request_id);
        details.error = error.map(Into::into);
        self.event(end, "", "", EventDetails::InvocationCompleted(details))
    }
}
