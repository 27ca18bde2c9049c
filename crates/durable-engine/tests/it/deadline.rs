//! What an invocation starts, and when it suspends, shortly before its deadline.

use std::time::Duration;

use durable_engine::{Claimed, Idle, NewOperation, OperationKey, Progress, RetryDecision, StepSemantics};
use durable_types::{
    ErrorObject, InvocationOutput, Operation, OperationStatus, OperationType, Timestamp, sub_type,
};

use crate::session::{NOW, ROOT, Session, recorded_step, recorded_wait, step, wait};

const PENDING: Idle = Idle::Answer(InvocationOutput::Pending);
const MARGIN: Duration = Duration::from_secs(2);
/// When less than the margin remains.
const LATE: Timestamp = Timestamp::from_millis(1_059_000);
const AT_MOST_ONCE: NewOperation = NewOperation::Step { semantics: StepSemantics::AtMostOnce };

/// An invocation with these records that has run the body of a step.
fn session(operations: Vec<Operation>) -> Session {
    let mut session = Session::new(operations);
    session.0.suspend_before(NOW.saturating_add(Duration::from_secs(60)), MARGIN);
    let first = session.live("first", step());
    assert!(matches!(session.0.poll(first), Progress::Run { .. }));
    session.0.handle_succeeded(first, Some("1".to_owned()));
    session.checkpoint();
    session.acknowledge("token-1", Vec::new());
    session.deliver_all();
    session.0.poll(first);
    session.0.release(first);
    session
}

fn awaited(session: &mut Session, name: &str, new: NewOperation) -> OperationKey {
    let key = session.live(name, new);
    assert_eq!(session.0.poll(key), Progress::Pending, "{name}");
    key
}

/// The checkpoint that the invocation sends now, as `ACTION subtype` for each update.
fn checkpoint(session: &mut Session) -> Vec<String> {
    let request = session.outputs_at(LATE).checkpoint;
    let updates = request.into_iter().flat_map(|request| request.updates);
    updates.map(|update| format!("{} {}", update.action, update.sub_type.unwrap_or_default())).collect()
}

/// The record of the first suspension of an execution.
fn suspension(status: OperationStatus) -> Operation {
    let mut session = session(Vec::new());
    session.0.handle_time(LATE);
    awaited(&mut session, "next", step());
    session.0.handle_idle(LATE, false);
    let id = session.outputs_at(LATE).checkpoint.unwrap().updates[0].operation_id.clone();
    let mut record = Operation::new(id, OperationType::Wait, status);
    record.sub_type = Some(sub_type::SUSPENSION.into());
    record
}

#[test]
fn near_the_deadline_a_step_does_not_start_and_the_invocation_suspends_once_a_wait_is_recorded() {
    let mut session = session(Vec::new());
    session.0.handle_time(LATE);

    awaited(&mut session, "next", step());

    assert_eq!(checkpoint(&mut session), Vec::<String>::new(), "the step has not started");
    assert_eq!(session.0.handle_idle(LATE, false), Idle::Again);
    let request = session.outputs_at(LATE).checkpoint.unwrap();
    let [update] = &request.updates[..] else { panic!("{request:?}") };
    assert_eq!(update.sub_type.as_deref(), Some(sub_type::SUSPENSION));
    assert_eq!(update.wait_options.as_ref().unwrap().wait_seconds, Some(1));
    assert_eq!(session.0.handle_idle(LATE, false), Idle::Wait, "it is not acknowledged yet");
    session.acknowledge("token-2", Vec::new());
    assert_eq!(session.0.handle_idle(LATE, false), PENDING);
}

#[test]
fn before_that_steps_start_as_always() {
    let mut session = session(Vec::new());
    let early = NOW.saturating_add(Duration::from_secs(57));
    session.0.handle_time(early);

    let next = session.live("next", step());

    assert!(matches!(session.0.poll(next), Progress::Run { .. }));
}

#[test]
fn a_step_whose_start_was_recorded_earlier_is_held_back_as_well() {
    let mut session = session(Vec::new());
    let next = session.live("next", step());
    assert_eq!(session.checkpoint(), ["START next"]);
    session.acknowledge("token-2", Vec::new());

    session.0.handle_time(LATE);

    assert_eq!(session.0.poll(next), Progress::Pending);
    assert_eq!(session.0.handle_idle(LATE, false), Idle::Again);
    assert_eq!(checkpoint(&mut session), ["START Suspension"]);
}

#[test]
fn an_attempt_that_may_run_only_once_runs_if_its_start_was_recorded() {
    let mut session = session(Vec::new());
    let once = awaited(&mut session, "once", AT_MOST_ONCE);
    assert_eq!(session.checkpoint(), ["START once"]);
    session.0.handle_time(LATE);

    session.acknowledge("token-2", Vec::new());

    assert!(matches!(session.0.poll(once), Progress::Run { .. }));
    assert_eq!(session.0.handle_idle(LATE, false), Idle::Wait);
}

#[test]
fn an_attempt_that_may_run_only_once_does_not_start_near_the_deadline() {
    let mut session = session(Vec::new());
    session.0.handle_time(LATE);

    awaited(&mut session, "once", AT_MOST_ONCE);

    session.0.handle_idle(LATE, false);
    assert_eq!(checkpoint(&mut session), ["START Suspension"]);
}

#[test]
fn conditions_and_child_contexts_do_not_start_but_waits_do() {
    let mut session = session(Vec::new());
    session.0.handle_time(LATE);
    let child = NewOperation::Context { sub_type: sub_type::RUN_IN_CHILD_CONTEXT, index: None };

    awaited(&mut session, "child", child);
    awaited(&mut session, "condition", NewOperation::WaitForCondition);
    awaited(&mut session, "pause", wait());

    assert_eq!(checkpoint(&mut session), ["START Wait"]);
    session.acknowledge("token-2", Vec::new());
    assert_eq!(session.0.handle_idle(LATE, false), Idle::Again, "the wait may last for days");
    assert_eq!(checkpoint(&mut session), ["START Suspension"]);
}

#[test]
fn a_context_that_has_started_is_entered_so_that_it_can_replay() {
    let child = || NewOperation::Context { sub_type: sub_type::RUN_IN_CHILD_CONTEXT, index: None };
    let Claimed::Live(id, _) = Session::new(Vec::new()).claim(ROOT, Some("child"), child()) else { panic!() };
    let mut record = Operation::new(id.to_string(), OperationType::Context, OperationStatus::Started);
    record.name = Some("child".into());
    record.sub_type = Some(sub_type::RUN_IN_CHILD_CONTEXT.into());
    let mut session = Session::new(vec![record]);
    session.0.suspend_before(NOW.saturating_add(Duration::from_secs(60)), MARGIN);
    let key = session.live("child", child());
    session.0.handle_time(LATE);

    assert!(matches!(session.0.poll(key), Progress::Enter { .. }));
}

#[test]
fn a_body_that_runs_may_finish_and_is_recorded_before_the_invocation_suspends() {
    let mut session = session(Vec::new());
    let long = session.live("long", step());
    assert!(matches!(session.0.poll(long), Progress::Run { .. }));
    session.checkpoint();
    session.acknowledge("token-2", Vec::new());
    session.0.handle_time(LATE);
    awaited(&mut session, "next", step());

    assert_eq!(session.0.handle_idle(LATE, false), Idle::Wait, "a body runs");
    session.0.handle_succeeded(long, Some("2".to_owned()));
    assert_eq!(checkpoint(&mut session), ["SUCCEED Step"]);
    session.acknowledge("token-3", Vec::new());
    assert_eq!(session.deliver_all(), [long]);
    assert!(matches!(session.0.poll(long), Progress::Settled(_)));

    assert_eq!(session.0.handle_idle(LATE, false), Idle::Again);
    assert_eq!(checkpoint(&mut session), ["START Suspension"]);
}

#[test]
fn the_next_attempt_of_a_step_does_not_start_near_the_deadline() {
    let mut session = session(Vec::new());
    let flaky = session.live("flaky", step());
    assert!(matches!(session.0.poll(flaky), Progress::Run { .. }));
    let beside = session.live("beside", step());
    assert!(matches!(session.0.poll(beside), Progress::Run { .. }));
    let error = ErrorObject::new("Error", "not yet");
    session.0.handle_failed(flaky, error, RetryDecision::After(Duration::from_secs(1)));
    session.checkpoint();
    session.acknowledge("token-2", Vec::new());
    session.0.poll(flaky);
    session.0.handle_time(LATE);
    session.0.handle_succeeded(beside, None);
    session.checkpoint();

    let ready = recorded_step("flaky", OperationStatus::Ready);
    session.acknowledge("token-3", vec![ready]);
    session.deliver_all();
    session.0.poll(beside);
    session.0.release(beside);

    assert_eq!(session.0.poll(flaky), Progress::Pending);
    assert_eq!(session.0.handle_idle(LATE, false), Idle::Again);
    assert_eq!(checkpoint(&mut session), ["START Suspension"], "the attempt has not started");
}

#[test]
fn a_suspension_that_has_ended_meanwhile_is_followed_by_another() {
    let ended = suspension(OperationStatus::Succeeded);
    let first = ended.id.clone();
    let mut session = session(Vec::new());
    session.0.handle_time(LATE);
    awaited(&mut session, "next", step());
    session.0.handle_idle(LATE, false);
    session.outputs_at(LATE);

    session.acknowledge("token-2", vec![ended]);

    assert_eq!(session.0.handle_idle(LATE, false), Idle::Again, "nothing would be pending");
    let request = session.outputs_at(LATE).checkpoint.unwrap();
    assert_ne!(request.updates[0].operation_id, first);
}

#[test]
fn replay_ignores_suspensions_and_the_next_one_has_an_id_of_its_own() {
    let recorded = suspension(OperationStatus::Succeeded);
    let first = recorded.id.clone();
    let mut session = session(vec![recorded]);
    assert!(!session.0.is_replaying(ROOT));
    session.0.handle_time(LATE);

    awaited(&mut session, "next", step());

    assert_eq!(session.0.handle_idle(LATE, false), Idle::Again);
    let request = session.outputs_at(LATE).checkpoint.unwrap();
    assert_ne!(request.updates[0].operation_id, first);
}

#[test]
fn a_handler_may_end_without_claiming_suspensions() {
    let mut session = Session::new(vec![suspension(OperationStatus::Succeeded)]);

    session.0.handle_handler_finished(Ok("null".to_owned()));

    let succeeded = InvocationOutput::Succeeded { result: Some("null".to_owned()) };
    assert_eq!(session.0.handle_idle(NOW, false), Idle::Answer(succeeded));
}

#[test]
fn a_dropped_operation_that_was_held_back_does_not_suspend() {
    let mut session = session(Vec::new());
    session.0.handle_time(LATE);
    let next = awaited(&mut session, "next", step());

    session.0.release(next);

    assert_eq!(session.0.handle_idle(LATE, true), Idle::Wait);
}

#[test]
fn an_operation_that_is_held_back_but_not_awaited_does_not_suspend() {
    let mut session = session(Vec::new());
    session.0.handle_time(LATE);

    session.live("next", step());

    assert_eq!(session.0.handle_idle(LATE, true), Idle::Wait);
}

#[test]
fn divergence_is_not_certain_while_a_body_is_held_back() {
    let started = |name| recorded_step(name, OperationStatus::Started);
    let unclaimed = recorded_step("old", OperationStatus::Succeeded);
    let mut session = Session::new(vec![started("ran"), started("held back"), unclaimed]);
    session.0.suspend_before(NOW.saturating_add(Duration::from_secs(60)), MARGIN);
    let ran = session.live("ran", step());
    assert!(matches!(session.0.poll(ran), Progress::Run { .. }));
    session.0.release(ran);
    session.0.handle_time(LATE);

    let held_back = awaited(&mut session, "held back", step());
    awaited(&mut session, "new", step());

    assert_eq!(session.0.handle_idle(LATE, false), Idle::Again);
    assert_eq!(checkpoint(&mut session), ["START Suspension"]);
    session.acknowledge("token-1", Vec::new());
    session.0.release(held_back);
    assert!(matches!(session.0.handle_idle(LATE, false), Idle::Answer(InvocationOutput::Failed { .. })));
}

#[test]
fn a_replay_that_may_still_change_is_not_waited_for_past_the_margin() {
    let records = vec![
        recorded_step("ran", OperationStatus::Started),
        recorded_step("old", OperationStatus::Succeeded),
    ];
    let mut session = Session::new(records);
    session.0.suspend_before(NOW.saturating_add(Duration::from_secs(60)), MARGIN);
    let ran = session.live("ran", step());
    assert!(matches!(session.0.poll(ran), Progress::Run { .. }));
    session.0.release(ran);
    awaited(&mut session, "new", step());
    let after = |seconds| NOW.saturating_add(Duration::from_secs(seconds));

    assert_eq!(session.0.handle_idle(after(56), true), Idle::Until(after(58)), "instead of 5 seconds");
    assert_eq!(session.0.handle_idle(after(58), true), Idle::Again);

    assert_eq!(checkpoint(&mut session), ["START Suspension"]);
}

#[test]
fn a_warm_invocation_does_not_wait_past_the_margin() {
    let mut session = session(Vec::new());
    session.0.stay_warm(Duration::from_secs(120));
    awaited(&mut session, "pause", wait());
    session.checkpoint();
    let mut started = recorded_wait("pause", OperationStatus::Started);
    let due = NOW.saturating_add(Duration::from_secs(70));
    started.details = Some(durable_types::WaitDetails::new(Some(due)).into());

    session.acknowledge("token-2", vec![started]);

    assert_eq!(session.0.handle_idle(NOW, false), PENDING);
}
