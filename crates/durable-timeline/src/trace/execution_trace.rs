//! The trace of an execution.

use durable_trace::{RemoteParent, SpanId, TraceContext, attribute, ids};
use durable_types::history::{Event, EventDetails};
use durable_types::{ExecutionStatus, SmallString, Timestamp};

use super::attributes::Attributes;
use super::invocation::{CurrentInvocation, EndedInvocation, InvocationStatus};
use super::operation::Ended;
use super::trace_span::{ParentSpan, SpanOutcome, TraceSpan};
use crate::change::Change;
use crate::kind::Kind;
use crate::span::OperationSpan;
use crate::timeline::Timeline;

/// The trace of an execution: an incremental fold of its history that returns each span once it has ended.
///
/// Operations and attempts are linked to the invocation with which they ended, and attempts are identified by it. Histories
/// contain an invocation once it has ended, so their spans are returned at that time. A caller who also knows the
/// [starts](Self::handle_invocation_started) of invocations gets them at once. Records that are neither work nor waiting
/// nor a decision (`patched`, `now`, and those that the SDK keeps for itself) have no spans.
///
/// ```
/// use durable_timeline::trace::ExecutionTrace;
/// use durable_trace::RemoteParent;
/// use durable_types::history::Event;
///
/// let history: Vec<Event> = serde_json::from_str(
///     r#"[
///         {"EventType": "ExecutionStarted", "EventId": 1, "EventTimestamp": 0,
///          "ExecutionStartedDetails": {"ExecutionTimeout": 600}},
///         {"EventType": "WaitStarted", "EventId": 2, "EventTimestamp": 0, "Id": "a", "Name": "settle",
///          "WaitStartedDetails": {"Duration": 2, "ScheduledEndTimestamp": 2}},
///         {"EventType": "WaitSucceeded", "EventId": 3, "EventTimestamp": 2, "Id": "a", "Name": "settle"},
///         {"EventType": "ExecutionTimedOut", "EventId": 4, "EventTimestamp": 600}
///     ]"#,
/// )?;
///
/// let mut trace = ExecutionTrace::new("arn", RemoteParent::default());
/// let spans: Vec<_> = history.iter().flat_map(|event| trace.apply(event)).collect();
///
/// let names: Vec<_> = spans.iter().map(|span| &*span.name).collect();
/// assert_eq!(names, ["DurableExecutionRoot", "settle", "Workflow"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Invariants
/// - Every span is returned once.
/// - When the execution has ended and no invocation is in flight, all of its spans have been returned, and the parent of
///   each is one of them or the caller's span. Operations that have not ended then are returned with their last status.
#[derive(Clone, Debug)]
pub struct ExecutionTrace {
    arn: Box<str>,
    caller: RemoteParent,
    /// Known once the execution has started.
    context: Option<TraceContext>,
    timeline: Timeline,
    /// The invocation in flight, if its start was reported.
    current: Option<CurrentInvocation>,
    /// Operations and attempts that ended while no invocation was known to be in flight.
    unassigned: Vec<Ended>,
    /// The last invocation, until it is known whether the execution ended with it.
    unsettled: Option<EndedInvocation>,
}

impl ExecutionTrace {
    /// Creates the trace of an execution of which no event is known.
    pub fn new(execution_arn: &str, caller: RemoteParent) -> Self {
        Self {
            arn: execution_arn.into(),
            caller,
            context: None,
            timeline: Timeline::default(),
            current: None,
            unassigned: Vec::new(),
            unsettled: None,
        }
    }

    /// Returns the timeline that this is a view of.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Returns whether the execution has ended and no invocation is known to be in flight.
    pub fn is_complete(&self) -> bool {
        self.timeline.execution().has_ended() && self.current.is_none() && self.unsettled.is_none()
    }

    /// Notes that an invocation has started, and returns the spans that thereby became known.
    pub fn handle_invocation_started(&mut self, request_id: &str, at: Timestamp) -> Vec<TraceSpan> {
        let mut spans: Vec<_> = self.settle_as(None).into_iter().collect();
        let current = CurrentInvocation { request_id: request_id.into(), start: at };
        spans.extend(self.assign(Some(&current)));
        self.current = Some(current);
        spans
    }

    /// Notes that the function never received the invocation in flight.
    pub fn handle_invocation_withdrawn(&mut self) {
        self.current = None;
    }

    /// Adds the next event of the history, and returns the spans that ended with it.
    pub fn apply(&mut self, event: &Event) -> Vec<TraceSpan> {
        let change = self.timeline.apply(event);
        match change {
            Some(Change::ExecutionStarted) => self.handle_started().into_iter().collect(),
            Some(Change::AttemptStarted(id)) => self.handle_interrupted(&id),
            Some(Change::AttemptEnded(id)) => self.handle_ended(&id, false),
            Some(Change::Ended(id)) => self.handle_ended(&id, true),
            Some(Change::InvocationEnded) => self.handle_invocation_ended(),
            Some(Change::ExecutionEnded) => {
                let ended_by_function = matches!(
                    event.details,
                    EventDetails::ExecutionSucceeded(_) | EventDetails::ExecutionFailed(_)
                );
                self.handle_execution_ended(ended_by_function)
            }
            Some(Change::Paused | Change::Resumed | Change::Started(_)) | None => Vec::new(),
        }
    }

    /// Returns the span of the last invocation, if it was not returned yet: no event follows that was recorded with its end.
    ///
    /// The end of an execution is recorded along with the end of the invocation that caused it, and decides about the status
    /// of the invocation. To be called when all events recorded so far have been added.
    pub fn settle(&mut self) -> Option<TraceSpan> {
        self.settle_as(None)
    }

    /// Determines the place of the execution in a trace, and returns the root if no caller's span is known.
    fn handle_started(&mut self) -> Option<TraceSpan> {
        let start = self.timeline.execution().start.filter(|_| self.context.is_none())?;
        let context = TraceContext::new(&self.arn, start, self.caller);
        self.context = Some(context);
        if context.has_caller {
            return None;
        }
        let mut root = self.span(context.parent, None, attribute::ROOT, (start, start));
        root.attributes.insert(0, (attribute::SYNTHETIC_ROOT, true.into()));
        Some(root)
    }

    fn handle_interrupted(&mut self, id: &SmallString) -> Vec<TraceSpan> {
        let Some(operation) = self.timeline.operation(id) else { return Vec::new() };
        let ended = Ended::interrupted(operation, self.timeline.parent(operation), self.now());
        let Some(ended) = ended else { return Vec::new() };
        // The invocation before this one interrupted it.
        let before = self.timeline.invocations().last().map(|before| CurrentInvocation {
            request_id: before.request_id.clone().unwrap_or_default(),
            start: before.start,
        });
        vec![self.operation_span(ended, before.as_ref())]
    }

    /// Handles the end of an operation, or of an attempt of it that another one follows.
    fn handle_ended(&mut self, id: &SmallString, is_operation: bool) -> Vec<TraceSpan> {
        let operation = self.timeline.operation(id).filter(|operation| is_shown(operation));
        let Some(operation) = operation else { return Vec::new() };
        let parent = self.timeline.parent(operation);
        let now = self.now();
        self.unassigned.extend(Ended::last_attempt(operation, parent, now));
        self.unassigned.extend(is_operation.then(|| Ended::operation(operation, parent, now)));
        match self.current.clone() {
            Some(current) => self.assign(Some(&current)),
            None => Vec::new(),
        }
    }

    fn handle_invocation_ended(&mut self) -> Vec<TraceSpan> {
        let mut spans: Vec<_> = self.settle_as(None).into_iter().collect();
        let Some(invocation) = self.timeline.invocations().last() else { return spans };
        let is_first = self.timeline.is_first(invocation);
        let ended = EndedInvocation::new(invocation, is_first);
        let known = CurrentInvocation { request_id: ended.request_id.clone(), start: ended.start };
        spans.extend(self.assign(Some(&known)));
        self.current = None;
        self.unsettled = Some(ended);
        if self.timeline.execution().has_ended() {
            let status = self.timeline.execution().status.clone();
            spans.extend(self.settle_as(Some(&status)));
        }
        spans
    }

    fn handle_execution_ended(&mut self, ended_by_function: bool) -> Vec<TraceSpan> {
        let status = self.timeline.execution().status.clone();
        let mut spans: Vec<_> = self.settle_as(ended_by_function.then_some(&status)).into_iter().collect();
        let now = self.now();
        let open = self.timeline.operations().filter(|operation| !operation.has_ended());
        for operation in open.filter(|operation| is_shown(operation)) {
            let parent = self.timeline.parent(operation);
            self.unassigned.extend(Ended::open_attempt(operation, parent, now));
            self.unassigned.push(Ended::operation(operation, parent, now));
        }
        let current = self.current.clone();
        spans.extend(self.assign(current.as_ref()));
        spans.extend(self.workflow_span(status));
        spans
    }

    /// Returns the span of the last invocation, given how the execution ended with it if it did.
    fn settle_as(&mut self, execution: Option<&ExecutionStatus>) -> Option<TraceSpan> {
        let ended = self.unsettled.take()?;
        let status = ended.status(execution);
        let id = ids::invocation(&self.arn, &ended.request_id);
        let times = (ended.start, ended.end);
        let mut span = self.span(id, self.outside(), attribute::INVOCATION, times);
        span.attributes.splice(
            0..0,
            [
                (attribute::INVOCATION_FIRST, ended.is_first.into()),
                (attribute::INVOCATION_STATUS, status.as_str().into()),
            ],
        );
        span.outcome = match status {
            InvocationStatus::Pending | InvocationStatus::Succeeded => SpanOutcome::Succeeded,
            InvocationStatus::Failed => {
                let of_execution = || self.timeline.execution().error.clone();
                SpanOutcome::Failed(ended.error.or_else(of_execution))
            }
            InvocationStatus::Retrying => SpanOutcome::Unset,
        };
        Some(span)
    }

    fn workflow_span(&self, status: ExecutionStatus) -> Option<TraceSpan> {
        let execution = self.timeline.execution();
        let end = execution.end?;
        let times = (execution.start.unwrap_or(end), end);
        let mut span = self.span(ids::workflow(&self.arn), self.outside(), attribute::WORKFLOW, times);
        span.attributes.insert(0, (attribute::EXECUTION_STATUS, status.to_string().into()));
        span.outcome = match status {
            ExecutionStatus::Succeeded => SpanOutcome::Succeeded,
            _ => SpanOutcome::Failed(execution.error.clone()),
        };
        Some(span)
    }

    /// Returns the spans of the operations and attempts that belong to this invocation.
    fn assign(&mut self, invocation: Option<&CurrentInvocation>) -> Vec<TraceSpan> {
        let ended = std::mem::take(&mut self.unassigned);
        ended.into_iter().map(|ended| self.operation_span(ended, invocation)).collect()
    }

    fn operation_span(&self, ended: Ended, invocation: Option<&CurrentInvocation>) -> TraceSpan {
        let operation = ids::operation(&self.arn, &ended.operation_id);
        let request_id = invocation.map(|invocation| &*invocation.request_id);
        let (id, parent, start) = match (ended.attempt, &ended.parent_id) {
            (Some(number), _) => {
                let id = ids::attempt(&self.arn, &ended.operation_id, number, request_id.unwrap_or_default());
                // An attempt that an earlier invocation did not finish began again in this one.
                let start = invocation.map_or(ended.start, |invocation| ended.start.max(invocation.start));
                (id, operation, start)
            }
            (None, Some(parent)) => (operation, ids::operation(&self.arn, parent), ended.start),
            (None, None) => (operation, ids::workflow(&self.arn), ended.start),
        };
        let parent = Some(ParentSpan { id: parent, is_remote: false });
        let mut span = self.span(id, parent, "", (start, ended.end));
        span.name = ended.name.into();
        span.attributes.splice(0..0, ended.attributes);
        span.link = request_id.map(|request_id| ids::invocation(&self.arn, request_id));
        span.outcome = ended.outcome;
        span
    }

    /// Returns the span that those of the execution and its invocations belong to.
    fn outside(&self) -> Option<ParentSpan> {
        self.context.map(|context| ParentSpan { id: context.parent, is_remote: context.has_caller })
    }

    /// Returns the time of the latest event.
    fn now(&self) -> Timestamp {
        self.timeline.last_change().unwrap_or_default()
    }

    fn span(
        &self,
        id: SpanId,
        parent: Option<ParentSpan>,
        name: &'static str,
        (start, end): (Timestamp, Timestamp),
    ) -> TraceSpan {
        let context = self.context.unwrap_or_else(|| TraceContext::new(&self.arn, start, self.caller));
        let attributes: Attributes = vec![(attribute::EXECUTION_ARN, (&*self.arn).into())];
        TraceSpan {
            trace_id: context.trace_id,
            id,
            parent,
            name: name.into(),
            start,
            end: end.max(start),
            attributes,
            link: None,
            outcome: SpanOutcome::Unset,
        }
    }
}

/// Returns whether an operation has a span. The SDK's plugin does not report the others.
fn is_shown(operation: &OperationSpan) -> bool {
    !operation.kind.is_internal() && !matches!(operation.kind, Kind::Patched | Kind::Now)
}
