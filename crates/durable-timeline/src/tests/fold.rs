//! What the fold of events knows.

use std::time::Duration;

use durable_types::history::{
    CallbackTimedOutDetails, ChainedInvokeStoppedDetails, Event, EventDetails, ExecutionFailedDetails,
    ExecutionPausedDetails, ExecutionResumedDetails, ExecutionSucceededDetails, WaitCancelledDetails,
};
use durable_types::{ErrorObject, ExecutionStatus, OperationStatus, sub_type};

use super::history::{History, at, declined};
use crate::change::Change;
use crate::kind::Kind;
use crate::span::{Activity, AttemptOutcome, Detail, OperationSpan};
use crate::timeline::Timeline;
use crate::waiting_for::WaitingFor;

fn timeline(history: &History) -> Timeline {
    Timeline::from_events(&history.events)
}

fn operation<'a>(timeline: &'a Timeline, id: &str) -> &'a OperationSpan {
    timeline.operation(id).unwrap()
}

/// Each segment: its activity, start, end and due time in milliseconds.
fn segments(operation: &OperationSpan) -> Vec<(Activity, i64, Option<i64>, Option<i64>)> {
    let millis = |time: durable_types::Timestamp| time.as_millis() - at(0).as_millis();
    let segments = operation.segments().into_iter();
    segments.map(|it| (it.activity, millis(it.start), it.end.map(millis), it.due.map(millis))).collect()
}

#[test]
fn attempts_alternate_with_the_gaps_between_them() {
    let history = History::begun()
        .step_started(100, "charge")
        .step_failed(200, "charge", 1, Some(2))
        .step_started(2_300, "charge")
        .step_succeeded(2_400, "charge", 2);

    let timeline = timeline(&history);

    let charge = operation(&timeline, "charge");
    let outcomes: Vec<_> = charge.attempts.iter().map(|it| (it.number, it.outcome)).collect();
    assert_eq!(outcomes, [(1, Some(AttemptOutcome::Failed)), (2, Some(AttemptOutcome::Succeeded))]);
    assert_eq!(charge.attempts[0].error.as_deref(), Some(&declined()));
    assert_eq!(
        segments(charge),
        [
            (Activity::Failed, 100, Some(200), None),
            (Activity::Waiting, 200, Some(2_300), Some(2_200)),
            (Activity::Running, 2_300, Some(2_400), None),
        ]
    );
    assert_eq!((&charge.status, charge.end), (&OperationStatus::Succeeded, Some(at(2_400))));
}

#[test]
fn a_condition_that_is_not_met_stays_open() {
    let history = History::begun()
        .event(0, "ready", sub_type::WAIT_FOR_CONDITION, EventDetails::StepStarted(Default::default()))
        .polled(10, "ready", 1, Some(5));

    let timeline = timeline(&history);

    let ready = operation(&timeline, "ready");
    assert_eq!((ready.kind, ready.has_ended()), (Kind::Condition, false));
    assert_eq!(ready.attempts[0].outcome, Some(AttemptOutcome::Unmet));
    assert_eq!(ready.waiting_for(), Some(WaitingFor::Retry { attempt: 2, until: Some(at(5_010)) }));
}

#[test]
fn every_open_operation_says_what_it_waits_for() {
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:ship:1/durable-execution/a/0b1c";
    let history = History::begun()
        .wait_started(0, "settle", 60)
        .callback_started(0, "approve", Some(30))
        .invoke_started(0, "ship", Some(arn))
        .step_started(0, "charge")
        .context_started(0, "outer", "")
        .inside("outer")
        .step_started(0, "inner");

    let timeline = timeline(&history);

    let waits = timeline.waits();
    let waiting: Vec<_> =
        waits.operations.iter().map(|(it, waiting_for)| (it.id.as_str(), *waiting_for)).collect();
    assert_eq!(
        waiting,
        [
            ("settle", WaitingFor::Timer { until: Some(at(60_000)) }),
            (
                "approve",
                WaitingFor::Callback { callback_id: Some("Y2FsbGJhY2s="), deadline: Some(at(30_000)) }
            ),
            ("ship", WaitingFor::Invoke { function: Some("ship:1"), execution_arn: Some(arn) }),
            ("charge", WaitingFor::RunningCode),
            ("inner", WaitingFor::RunningCode),
        ]
    );
    assert_eq!(operation(&timeline, "outer").waiting_for(), Some(WaitingFor::Children));
    assert_eq!(waits.next_due(), Some(at(30_000)));
}

#[test]
fn what_an_ended_context_or_execution_abandoned_is_not_waited_for() {
    let abandoned = History::begun()
        .context_started(0, "race", "")
        .inside("race")
        .wait_started(0, "slow", 60)
        .inside("")
        .context_succeeded(1, "race", "");
    let succeeded = EventDetails::ExecutionSucceeded(ExecutionSucceededDetails::new(None));
    let ended = History::begun().wait_started(0, "settle", 60).event(5, "", "", succeeded);

    assert_eq!(timeline(&abandoned).waits().operations, []);
    assert_eq!(timeline(&ended).waits().operations, []);
}

#[test]
fn a_running_batch_counts_its_items() {
    let item = sub_type::MAP_ITERATION;
    let history = History::begun()
        .context_started(0, "ship", sub_type::MAP)
        .inside("ship")
        .context_started(0, "a", item)
        .context_started(0, "b", item)
        .context_started(0, "c", item)
        .context_succeeded(1, "a", item)
        .context_failed(2, "b", item);

    let timeline = timeline(&history);

    let progress = operation(&timeline, "ship").progress;
    assert_eq!((progress.started, progress.done(), progress.failed, progress.running()), (3, 2, 1, 1));
    let labels: Vec<_> =
        timeline.children(operation(&timeline, "ship")).map(|item| item.label().to_string()).collect();
    assert_eq!(labels, ["item a", "item b", "item c"]);
}

#[test]
fn unnamed_items_are_numbered_by_their_start() {
    let item = sub_type::PARALLEL_BRANCH;
    let history = History::begun()
        .context_started(0, "both", sub_type::PARALLEL)
        .inside("both")
        .context_started(0, "x", item)
        .unnamed()
        .context_started(0, "parallel-branch-1", item)
        .context_started(0, "y", item)
        .unnamed();

    let timeline = timeline(&history);

    let both = operation(&timeline, "both");
    let labels: Vec<_> = timeline.children(both).map(|it| it.label().to_string()).collect();
    assert_eq!(labels, ["branch 0", "branch 1", "branch 2"]);
}

#[test]
fn an_operation_knows_the_invocations_it_touched() {
    let history = History::begun()
        .step(1, 2, "reserve")
        .wait_started(3, "settle", 1)
        .wait_started(3, "long", 60)
        .invocation(0, 4, None)
        .wait_ended(1_003, "settle")
        .step(1_010, 1_011, "ship")
        .invocation(1_005, 1_012, None);

    let timeline = timeline(&history);

    let touched = |id: &str| {
        let invocations = timeline.invocations_of(operation(&timeline, id)).iter();
        invocations.map(|invocation| invocation.number).collect::<Vec<_>>()
    };
    assert_eq!(touched("reserve"), [1]);
    assert_eq!(touched("settle"), [1, 2], "the second invocation learned of its end");
    assert_eq!(touched("ship"), [2]);
    assert_eq!(touched("long"), [1, 2]);
}

#[test]
fn the_last_invocation_is_the_failing_one_until_another_one_succeeds() {
    let crash = || Some(ErrorObject::new("Runtime.ExitError", "signal: killed"));
    let failed = History::begun().invocation(0, 1, None).invocation(2, 3, crash());

    let failing = timeline(&failed);
    let repaired = timeline(&failed.invocation(4, 5, None));

    assert_eq!(
        failing.failed_invocation().map(|it| (it.number, it.error.as_deref().cloned())),
        Some((2, crash()))
    );
    assert_eq!(failing.waits().failed_invocation, failing.failed_invocation());
    assert_eq!(repaired.failed_invocation(), None);
}

#[test]
fn a_pause_ends_when_the_execution_is_resumed_or_ends() {
    let paused = || EventDetails::ExecutionPaused(ExecutionPausedDetails::new(at(1), false));
    let resumed = EventDetails::ExecutionResumed(ExecutionResumedDetails::new(at(5)));
    let history = History::begun().event(1, "", "", paused());

    let before = timeline(&history);
    let after = timeline(&history.event(5, "", "", resumed).event(7, "", "", paused()));

    assert_eq!(
        (before.execution().status.clone(), before.waits().pause.is_some()),
        (ExecutionStatus::Paused, true)
    );
    let pauses: Vec<_> = after.execution().pauses.iter().map(|pause| (pause.start, pause.end)).collect();
    assert_eq!(pauses, [(at(1), Some(at(5))), (at(7), None)]);
}

#[test]
fn each_event_says_what_it_changed() {
    let failed = EventDetails::ExecutionFailed(ExecutionFailedDetails::new(declined()));
    let history = History::begun()
        .step_started(1, "charge")
        .step_failed(2, "charge", 1, Some(1))
        .invocation(0, 3, None)
        .step_started(1_002, "charge")
        .step_failed(1_003, "charge", 2, None)
        .step_failed(1_003, "charge", 2, None)
        .event(1_004, "", "", EventDetails::Unknown("StepRewound".into()))
        .event(1_004, "", "", failed.clone())
        .event(1_005, "", "", failed);

    let mut timeline = Timeline::default();
    let changes: Vec<_> = history.events.iter().map(|event| timeline.apply(event)).collect();

    let id = || "charge".into();
    assert_eq!(
        changes,
        [
            Some(Change::ExecutionStarted),
            Some(Change::Started(id())),
            Some(Change::AttemptEnded(id())),
            Some(Change::InvocationEnded),
            Some(Change::AttemptStarted(id())),
            Some(Change::Ended(id())),
            None,
            None,
            Some(Change::ExecutionEnded),
            None,
        ]
    );
    assert_eq!(timeline.execution().error.as_deref(), Some(&declined()));
    assert_eq!(timeline.execution().timeout, Some(Duration::from_secs(60)));
}

#[test]
fn events_without_their_start_create_the_operation() {
    let timed_out = EventDetails::CallbackTimedOut(CallbackTimedOutDetails::new(declined()));
    let history = History::default()
        .step_failed(5, "charge", 3, Some(1))
        .step_started(1_005, "charge")
        .inside("outer")
        .event(6, "approve", sub_type::CALLBACK, timed_out)
        .inside("")
        .context_succeeded(7, "outer", "");

    let timeline = timeline(&history);

    let charge = operation(&timeline, "charge");
    assert_eq!((charge.start, charge.attempts[0].number, charge.attempts[1].number), (None, 3, 4));
    let approve = operation(&timeline, "approve");
    assert_eq!((&approve.status, approve.end), (&OperationStatus::TimedOut, Some(at(6))));
    assert_eq!(timeline.parent(approve).map(|parent| parent.id.as_str()), Some("outer"));
}

#[test]
fn events_without_their_details_count_as_well() {
    let unknown = |word: &str| EventDetails::Unknown(word.into());
    let history = History::default()
        .event(0, "", "", unknown("ExecutionStarted"))
        .event(1, "settle", sub_type::WAIT, unknown("WaitStarted"))
        .event(1, "approve", sub_type::CALLBACK, unknown("CallbackStarted"))
        .event(1, "ship", sub_type::CHAINED_INVOKE, unknown("ChainedInvokeStarted"))
        .event(2, "", "", unknown("InvocationCompleted"))
        .event(3, "", "", unknown("ExecutionPaused"));

    let timeline = timeline(&history);

    assert_eq!(timeline.execution().start, Some(at(0)));
    assert_eq!(operation(&timeline, "settle").waiting_for(), Some(WaitingFor::Timer { until: None }));
    assert_eq!(operation(&timeline, "approve").kind, Kind::Callback);
    assert_eq!(operation(&timeline, "ship").detail, Detail::Invoke { function: None, execution_arn: None });
    assert_eq!((timeline.invocations().len(), timeline.waits().pause.is_some()), (1, true));
}

#[test]
fn cancelled_and_stopped_operations_have_failed() {
    let stopped = EventDetails::ChainedInvokeStopped(ChainedInvokeStoppedDetails::new(declined()));
    let history = History::begun()
        .wait_started(0, "settle", 60)
        .event(1, "settle", sub_type::WAIT, EventDetails::WaitCancelled(WaitCancelledDetails::new(None)))
        .invoke_started(0, "ship", None)
        .event(2, "ship", sub_type::CHAINED_INVOKE, stopped);

    let timeline = timeline(&history);

    assert!(timeline.operations().all(OperationSpan::is_failed));
    assert_eq!(segments(operation(&timeline, "ship")), [(Activity::Failed, 0, Some(2), None)]);
    assert_eq!(segments(operation(&timeline, "settle")), [(Activity::Waiting, 0, Some(1), Some(60_000))]);
}

#[test]
fn a_step_that_is_started_again_was_interrupted() {
    let history = History::begun().step_started(0, "charge").step_started(500, "charge");

    let timeline = timeline(&history);

    let attempts = &operation(&timeline, "charge").attempts;
    assert_eq!((attempts[0].outcome, attempts[0].end), (Some(AttemptOutcome::Interrupted), Some(at(500))));
    assert!(attempts[1].is_open());
}

#[test]
fn an_execution_without_data_has_a_timeline_without_errors() {
    let failed = History::begun().step_started(0, "charge").step_failed(1, "charge", 1, None);
    let without_data = |mut event: Event| {
        if let EventDetails::StepFailed(details) = &mut event.details {
            details.error = std::mem::take(&mut details.error).truncate();
        }
        event
    };
    let events: Vec<_> = failed.events.into_iter().map(without_data).collect();

    let timeline = Timeline::from_events(&events);

    let charge = operation(&timeline, "charge");
    assert_eq!((charge.is_failed(), &charge.error), (true, &None));
}

#[test]
fn a_child_context_with_a_backoff_is_a_retried_block() {
    let history = History::begun()
        .context_started(0, "price", sub_type::RUN_IN_CHILD_CONTEXT)
        .inside("price")
        .step(0, 1, "ask");
    let retried = history.clone().wait_started(1, "price-backoff-1", 2);

    let kind = |history: &History| operation(&timeline(history), "price").kind;

    assert_eq!((kind(&history), kind(&retried)), (Kind::Context, Kind::Retry));
    assert_eq!(operation(&timeline(&retried), "price").attempt_count(), 2);
}

#[test]
fn a_wait_for_a_callback_names_its_parts_once() {
    // This is how the Python SDK names them.
    let history = History::begun()
        .context_started(0, "approve", sub_type::WAIT_FOR_CALLBACK)
        .inside("approve")
        .callback_started(0, "approve create callback id", None)
        .step(0, 1, "approve submitter");

    let timeline = timeline(&history);

    let labels: Vec<_> = timeline.walk().map(|(_, it)| it.label().to_string()).collect();
    assert_eq!(labels, ["wait for callback approve", "callback", "submitter"]);
}
