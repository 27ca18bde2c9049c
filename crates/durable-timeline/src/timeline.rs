//! The timeline of an execution.

use durable_types::history::Event;
use durable_types::{Operation, Timestamp};

use crate::operations::Operations;
use crate::span::{ExecutionSpan, InvocationSpan, OperationSpan};
use crate::waiting_for::WaitingFor;
use crate::waits::Waits;
use crate::walk::Walk;

/// The timeline of an execution: when it, its invocations and its operations ran and waited, and how they ended.
///
/// It is a fold of the execution's history, one event at a time, or of its recorded operations. It is
/// [displayed](std::fmt::Display) as text without ids or absolute times, so that an execution on a virtual clock always
/// has the same text.
///
/// ```
/// use durable_timeline::Timeline;
/// use durable_types::history::Event;
///
/// let history: Vec<Event> = serde_json::from_str(
///     r#"[
///         {"EventType": "ExecutionStarted", "EventId": 1, "EventTimestamp": 0,
///          "ExecutionStartedDetails": {"ExecutionTimeout": 600}},
///         {"EventType": "StepStarted", "EventId": 2, "EventTimestamp": 0, "Id": "a", "Name": "reserve",
///          "SubType": "Step"},
///         {"EventType": "StepSucceeded", "EventId": 3, "EventTimestamp": 2, "Id": "a", "Name": "reserve",
///          "SubType": "Step", "StepSucceededDetails": {"RetryDetails": {"CurrentAttempt": 1}}},
///         {"EventType": "WaitStarted", "EventId": 4, "EventTimestamp": 2, "Id": "b", "Name": "settle",
///          "SubType": "Wait", "WaitStartedDetails": {"Duration": 60, "ScheduledEndTimestamp": 62}}
///     ]"#,
/// )?;
///
/// let timeline = Timeline::from_events(&history);
///
/// assert_eq!(
///     timeline.to_string(),
///     "\
/// RUNNING, 0 invocations
///     0 ms    2.0 s  ✓ step reserve
///    2.0 s           … wait settle, until 1m 02s
/// "
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Invariants
/// - Every prefix of a history is a valid timeline; see [`OperationSpan`] for what that means for an operation.
/// - An operation is a child of its parent, or at the top level if its parent is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    pub(crate) execution: ExecutionSpan,
    pub(crate) invocations: Vec<InvocationSpan>,
    pub(crate) operations: Operations,
    /// The time of the latest event or record.
    pub(crate) last: Option<Timestamp>,
}

impl Timeline {
    /// Folds a history.
    pub fn from_events<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut timeline = Self::default();
        for event in events {
            timeline.apply(event);
        }
        timeline
    }

    /// Folds recorded operations, such as those in the response of GetDurableExecutionState.
    pub fn from_operations<'a>(records: impl IntoIterator<Item = &'a Operation>) -> Self {
        let mut timeline = Self::default();
        for record in records {
            timeline.apply_operation(record);
        }
        timeline
    }

    /// Returns the execution.
    pub fn execution(&self) -> &ExecutionSpan {
        &self.execution
    }

    /// Returns the invocations that have ended, in order.
    pub fn invocations(&self) -> &[InvocationSpan] {
        &self.invocations
    }

    /// Returns the last invocation that has ended, if it failed.
    pub fn failed_invocation(&self) -> Option<&InvocationSpan> {
        self.invocations.last().filter(|invocation| invocation.is_failed)
    }

    /// Returns the operation with this id.
    pub fn operation(&self, id: &str) -> Option<&OperationSpan> {
        self.operations.index_of(id).and_then(|index| self.operations.get(index))
    }

    /// Returns all operations, in the order of their starts.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = &OperationSpan> {
        self.operations.iter()
    }

    /// Returns the top-level operations, in the order of their starts.
    pub fn top_level(&self) -> impl DoubleEndedIterator<Item = &OperationSpan> {
        self.operations.outermost()
    }

    /// Returns the operations directly inside an operation, in the order of their starts.
    pub fn children(&self, parent: &OperationSpan) -> impl DoubleEndedIterator<Item = &OperationSpan> {
        self.operations.children(parent)
    }

    /// Returns the operation that an operation is directly inside of, if it is known.
    pub fn parent(&self, operation: &OperationSpan) -> Option<&OperationSpan> {
        operation.parent.and_then(|parent| self.operations.get(parent))
    }

    /// Returns how many operations an operation is inside of.
    pub fn depth(&self, operation: &OperationSpan) -> usize {
        self.operations.ancestors(operation).count()
    }

    /// Returns all operations with their depths, parents before their children.
    pub fn walk(&self) -> Walk<'_> {
        Walk::new(&self.operations)
    }

    /// Returns the invocations that an operation touched: those in which it started, was open, or ended, and the one
    /// that learned of its end if it ended in between.
    pub fn invocations_of(&self, operation: &OperationSpan) -> &[InvocationSpan] {
        let first = usize::try_from(operation.first_invocation).unwrap_or(usize::MAX).saturating_sub(1);
        let last = match operation.has_ended() {
            true => usize::try_from(operation.last_invocation).unwrap_or(usize::MAX),
            false => usize::MAX,
        };
        self.invocations.get(first..last.min(self.invocations.len())).unwrap_or_default()
    }

    /// Returns whether an operation is open although the execution, or an operation around it, has ended.
    pub fn is_abandoned(&self, operation: &OperationSpan) -> bool {
        let outside_has_ended = || self.operations.ancestors(operation).any(OperationSpan::has_ended);
        !operation.has_ended() && (self.execution.has_ended() || outside_has_ended())
    }

    /// Returns what the execution is waiting for: nothing if it has ended.
    pub fn waits(&self) -> Waits<'_> {
        let waiting = self.operations.open().filter_map(|open| Some((open, open.waiting_for()?)));
        let waiting = waiting.filter(|(_, waiting_for)| *waiting_for != WaitingFor::Children);
        Waits {
            operations: waiting.filter(|(open, _)| !self.is_abandoned(open)).collect(),
            pause: self.execution.pause(),
            failed_invocation: self.failed_invocation().filter(|_| !self.execution.has_ended()),
        }
    }

    /// Returns the time of the latest event or record.
    pub fn last_change(&self) -> Option<Timestamp> {
        self.last
    }

    /// Returns whether nothing was recorded before this invocation.
    pub(crate) fn is_first(&self, invocation: &InvocationSpan) -> bool {
        let first = self.operations.iter().next();
        first.is_none_or(|operation| operation.first_invocation >= invocation.number)
    }

    /// Returns the number of the invocation in progress, or else of the next one.
    pub(crate) fn current_invocation(&self) -> u32 {
        u32::try_from(self.invocations.len()).unwrap_or(u32::MAX).saturating_add(1)
    }
}

impl<'a> Extend<&'a Event> for Timeline {
    fn extend<I: IntoIterator<Item = &'a Event>>(&mut self, events: I) {
        for event in events {
            self.apply(event);
        }
    }
}
