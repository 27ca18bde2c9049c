//! Properties of timelines of any sequence of events.

use durable_types::history::{
    CallbackFailedDetails, CallbackStartedDetails, ChainedInvokeStartedDetails, ContextFailedDetails,
    ContextStartedDetails, ContextSucceededDetails, Event, EventDetails, EventError, EventResult,
    ExecutionPausedDetails, ExecutionResumedDetails, ExecutionStartedDetails, ExecutionSucceededDetails,
    InvocationCompletedDetails, RetryDetails, StepFailedDetails, StepStartedDetails, StepSucceededDetails,
    WaitStartedDetails, WaitSucceededDetails,
};
use durable_types::{
    Operation, OperationDetails, OperationStatus, OperationType, StepDetails, Timestamp, sub_type,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::span::OperationSpan;
use crate::timeline::Timeline;
use crate::waiting_for::WaitingFor;

fn details() -> impl Strategy<Value = EventDetails> {
    let at = || (0_i64..50).prop_map(Timestamp::from_millis);
    let retry =
        || (0_u32..4, proptest::option::of(0_u64..3)).prop_map(|(n, delay)| RetryDetails::new(n, delay));
    let empty = select(vec![
        EventDetails::ExecutionStarted(ExecutionStartedDetails::new(None, 60)),
        EventDetails::ExecutionSucceeded(ExecutionSucceededDetails::new(None)),
        EventDetails::ContextStarted(ContextStartedDetails::default()),
        EventDetails::ContextSucceeded(ContextSucceededDetails::new(EventResult::default())),
        EventDetails::ContextFailed(ContextFailedDetails::new(EventError::default())),
        EventDetails::StepStarted(StepStartedDetails::default()),
        EventDetails::WaitSucceeded(WaitSucceededDetails::new(None)),
        EventDetails::CallbackFailed(CallbackFailedDetails::new(EventError::default())),
        EventDetails::ChainedInvokeStarted(ChainedInvokeStartedDetails::new("f")),
        EventDetails::Unknown("StepRewound".into()),
        EventDetails::Unknown("WaitStarted".into()),
    ]);
    prop_oneof![
        4 => empty,
        1 => at().prop_map(|until| EventDetails::WaitStarted(WaitStartedDetails::new(1, until))),
        2 => retry().prop_map(|retry| {
            EventDetails::StepSucceeded(StepSucceededDetails::new(EventResult::default(), retry))
        }),
        2 => retry().prop_map(|retry| {
            EventDetails::StepFailed(StepFailedDetails::new(EventError::default(), retry))
        }),
        1 => proptest::option::of(0_u64..9).prop_map(|timeout| {
            let mut details = CallbackStartedDetails::new("c");
            details.timeout = timeout;
            EventDetails::CallbackStarted(details)
        }),
        1 => (at(), at()).prop_map(|(start, end)| {
            EventDetails::InvocationCompleted(InvocationCompletedDetails::new(start, end, "r"))
        }),
        1 => at().prop_map(|at| EventDetails::ExecutionPaused(ExecutionPausedDetails::new(at, true))),
        1 => at().prop_map(|at| EventDetails::ExecutionResumed(ExecutionResumedDetails::new(at))),
    ]
}

pub(super) fn event() -> impl Strategy<Value = Event> {
    let id = || proptest::option::of(select(vec!["a", "b", "c", "d", "e"]));
    let sub_type = select(vec!["", sub_type::MAP, sub_type::MAP_ITERATION, sub_type::SAGA, "Own"]);
    (0_i64..50, id(), id(), sub_type, details()).prop_map(|(millis, id, parent, sub_type, details)| {
        let mut event = Event::new(1, Timestamp::from_millis(millis), details);
        event.id = id.map(Into::into);
        event.name = id.map(Into::into);
        event.parent_id = parent.map(Into::into);
        event.sub_type = Some(sub_type.into());
        event
    })
}

fn record() -> impl Strategy<Value = Operation> {
    let id = || select(vec!["a", "b", "c", "d"]);
    let at = || proptest::option::of((0_i64..50).prop_map(Timestamp::from_millis));
    let operation_type = select(OperationType::KNOWN);
    let status = select(OperationStatus::KNOWN);
    let step = (proptest::option::of(0_u32..4), at());
    (id(), proptest::option::of(id()), operation_type, status, at(), at(), step).prop_map(
        |(id, parent, operation_type, status, start, end, (attempt, next))| {
            let mut record = Operation::new(id, operation_type, status);
            record.parent_id = parent.map(Into::into);
            (record.start_timestamp, record.end_timestamp) = (start, end);
            let mut details = StepDetails::new(None, None);
            (details.attempt, details.next_attempt_timestamp) = (attempt, next);
            record.details = Some(OperationDetails::Step(details));
            record
        },
    )
}

/// Checks what holds for every operation.
fn check_operation(timeline: &Timeline, operation: &OperationSpan) {
    assert_eq!(operation.has_ended(), operation.status.is_terminal(), "{operation:?}");
    assert_eq!(operation.waiting_for().is_none(), operation.has_ended());
    let attempts = operation.attempts.iter().flat_map(|attempt| [attempt.start, attempt.end]);
    let times: Vec<_> =
        [operation.start].into_iter().chain(attempts).chain([operation.end]).flatten().collect();
    assert!(times.is_sorted(), "{operation:?}");
    if let Some(parent) = timeline.parent(operation) {
        assert_eq!(operation.parent_id.as_ref(), Some(&parent.id));
        assert!(timeline.children(parent).any(|child| child.id == operation.id));
    } else {
        assert!(timeline.top_level().any(|outermost| outermost.id == operation.id));
    }
    let open = timeline.children(operation).filter(|child| !child.has_ended()).count();
    assert_eq!(operation.open_children, open);
    let progress = operation.progress;
    let items: Vec<_> = timeline.children(operation).filter(|child| child.kind.is_item()).collect();
    let failed = items.iter().filter(|item| item.is_failed()).count();
    assert_eq!((progress.started, progress.failed), (items.len(), failed));
    assert_eq!(progress.running(), items.iter().filter(|item| !item.has_ended()).count());
    for segment in operation.segments() {
        assert!(segment.end.is_none_or(|end| segment.start <= end), "{operation:?}");
    }
}

/// Checks what holds for every timeline.
fn check(timeline: &Timeline) {
    timeline.operations().for_each(|operation| check_operation(timeline, operation));
    assert_eq!(
        timeline.walk().count(),
        timeline.operations().len(),
        "the tree contains every operation once"
    );
    for invocation in timeline.invocations() {
        assert!(invocation.start <= invocation.end);
    }
    let open = timeline.operations().filter(|operation| !operation.has_ended()).count();
    assert_eq!(timeline.operations.open().count(), open);
    let waits = timeline.waits();
    assert!(waits.operations.iter().all(|(_, waiting_for)| *waiting_for != WaitingFor::Children));
    assert!(!timeline.execution().has_ended() || waits.operations.is_empty());
    // Rendering accepts everything.
    assert!(timeline.to_string().ends_with('\n'));
}

proptest! {
    #[test]
    fn every_prefix_of_any_sequence_of_events_is_a_valid_timeline(
        events in proptest::collection::vec(event(), 0..40),
    ) {
        let mut timeline = Timeline::default();

        check(&timeline);
        for event in &events {
            let change = timeline.apply(event);

            check(&timeline);
            if let Some(id) = change.as_ref().and_then(|change| change.operation_id()) {
                prop_assert!(timeline.operation(id).is_some());
            }
        }
    }

    #[test]
    fn events_fold_one_by_one_as_they_fold_at_once(
        events in proptest::collection::vec(event(), 0..40),
        split in 0_usize..40,
    ) {
        let (early, late) = events.split_at(split.min(events.len()));

        let mut in_parts = Timeline::from_events(early);
        in_parts.extend(late);
        let mut one_by_one = Timeline::default();
        for event in &events {
            one_by_one.apply(event);
        }

        let at_once = Timeline::from_events(&events);
        prop_assert_eq!(&in_parts, &at_once);
        prop_assert_eq!(&one_by_one, &at_once);
    }

    #[test]
    fn an_operation_that_has_ended_does_not_change(
        events in proptest::collection::vec(event(), 0..40),
    ) {
        let mut timeline = Timeline::default();
        let mut ended: Vec<OperationSpan> = Vec::new();

        for event in &events {
            timeline.apply(event);
            for operation in &ended {
                let now = timeline.operation(&operation.id).unwrap();
                prop_assert_eq!((&now.status, now.start, now.end), (&operation.status, operation.start, operation.end));
                prop_assert_eq!(&now.attempts, &operation.attempts);
            }
            ended = timeline.operations().filter(|operation| operation.has_ended()).cloned().collect();
        }
    }

    #[test]
    fn any_records_after_any_events_are_a_valid_timeline(
        events in proptest::collection::vec(event(), 0..10),
        records in proptest::collection::vec(record(), 0..20),
    ) {
        let mut timeline = Timeline::from_events(&events);

        for record in &records {
            timeline.apply_operation(record);

            check(&timeline);
        }
    }

    #[test]
    fn the_order_of_records_does_not_matter(parents in proptest::collection::vec(0_usize..8, 8)) {
        let record = |(index, parent): (usize, &usize)| {
            let id = format!("{index}");
            let mut record = Operation::new(id, OperationType::Context, OperationStatus::Started);
            // Parents have smaller numbers, so there are no cycles.
            record.parent_id = (*parent < index).then(|| format!("{parent}").into());
            record
        };
        let records: Vec<_> = parents.iter().enumerate().map(record).collect();

        let forwards = Timeline::from_operations(&records);
        let backwards = Timeline::from_operations(records.iter().rev());

        check(&forwards);
        check(&backwards);
        for operation in forwards.operations() {
            let other = backwards.operation(&operation.id).unwrap();
            prop_assert_eq!(forwards.depth(operation), backwards.depth(other));
        }
    }
}
