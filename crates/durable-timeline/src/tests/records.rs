//! What the fold of recorded operations knows.

use durable_types::{
    Operation, OperationDetails, OperationStatus, OperationType, StepDetails, WaitDetails, sub_type,
};

use super::history::{at, declined};
use crate::change::Change;
use crate::span::AttemptOutcome;
use crate::timeline::Timeline;
use crate::waiting_for::WaitingFor;

fn step(status: OperationStatus, attempt: u32) -> Operation {
    let mut step = Operation::new("charge", OperationType::Step, status);
    let mut details = StepDetails::new(None, Some(declined()));
    details.attempt = Some(attempt);
    details.next_attempt_timestamp = Some(at(2_000));
    step.details = Some(OperationDetails::Step(details));
    step.start_timestamp = Some(at(0));
    step
}

#[test]
fn a_pending_step_waits_for_its_next_attempt() {
    let timeline = Timeline::from_operations([&step(OperationStatus::Pending, 1)]);

    let charge = timeline.operation("charge").unwrap();
    assert_eq!(charge.waiting_for(), Some(WaitingFor::Retry { attempt: 2, until: Some(at(2_000)) }));
    assert_eq!(charge.attempts[0].error.as_deref(), Some(&declined()));
}

#[test]
fn records_are_folded_as_they_change() {
    let mut timeline = Timeline::default();
    let mut ended = step(OperationStatus::Succeeded, 2);
    ended.end_timestamp = Some(at(2_100));

    let changes = [
        timeline.apply_operation(&step(OperationStatus::Started, 0)),
        timeline.apply_operation(&step(OperationStatus::Pending, 1)),
        timeline.apply_operation(&step(OperationStatus::Pending, 1)),
        timeline.apply_operation(&step(OperationStatus::Started, 1)),
        timeline.apply_operation(&ended),
        timeline.apply_operation(&ended),
    ];

    let id = || "charge".into();
    assert_eq!(
        changes,
        [
            Some(Change::Started(id())),
            Some(Change::AttemptEnded(id())),
            None,
            Some(Change::AttemptStarted(id())),
            Some(Change::Ended(id())),
            None,
        ]
    );
    let charge = timeline.operation("charge").unwrap();
    let outcomes: Vec<_> = charge.attempts.iter().map(|it| it.outcome).collect();
    assert_eq!(outcomes, [Some(AttemptOutcome::Failed), Some(AttemptOutcome::Succeeded)]);
    assert_eq!((charge.end, &charge.error), (Some(at(2_100)), &None));
}

#[test]
fn the_record_of_the_execution_is_no_operation() {
    let mut execution = Operation::new("0b1c", OperationType::Execution, OperationStatus::Started);
    execution.start_timestamp = Some(at(0));
    let mut wait = Operation::new("settle", OperationType::Wait, OperationStatus::Started);
    wait.parent_id = Some("0b1c".into());
    wait.details = Some(OperationDetails::Wait(WaitDetails::new(Some(at(60_000)))));

    let timeline = Timeline::from_operations([&execution, &wait]);

    assert_eq!(timeline.execution().start, Some(at(0)));
    assert_eq!(timeline.top_level().count(), 1);
    assert_eq!(timeline.waits().next_due(), Some(at(60_000)));
}

#[test]
fn unknown_types_and_statuses_are_shown_as_they_are() {
    let mut timer = Operation::new("t", OperationType::from("TIMER"), OperationStatus::from("ASLEEP"));
    timer.sub_type = Some(sub_type::WAIT.into());
    timer.name = Some("nap".into());

    let timeline = Timeline::from_operations([&timer]);

    let timer = timeline.operation("t").unwrap();
    assert_eq!((timer.label().to_string().as_str(), timer.status.as_str()), ("operation nap", "ASLEEP"));
}
