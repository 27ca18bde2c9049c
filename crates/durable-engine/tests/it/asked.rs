//! What the service says in its answers, and when it is asked.

use std::time::Duration;

use durable_engine::{Idle, NewOperation, OperationKey, Progress, RetryDecision, Settled};
use durable_types::{
    CallbackDetails, ChainedInvokeDetails, ChainedInvokeOptions, ErrorObject, Operation, OperationStatus,
    OperationType, StepDetails, Timestamp,
};

use crate::session::{NOW, Session, id, recorded_step, step};

fn call() -> NewOperation {
    let options = ChainedInvokeOptions::new("other");
    NewOperation::Invoke { options, input: Some("1".into()) }
}

fn callback() -> NewOperation {
    NewOperation::Callback { timeout_seconds: None, heartbeat_timeout_seconds: None }
}

fn condition() -> NewOperation {
    NewOperation::WaitForCondition
}

/// Begins a step whose body runs on.
fn running_body(session: &mut Session) -> OperationKey {
    let body = session.live("body", step());
    assert_eq!(session.0.poll(body), Progress::Run { attempt: 1, carried: None });
    session.checkpoint();
    session.acknowledge("token-body", Vec::new());
    body
}

fn pending_until(due: Timestamp) -> Operation {
    let mut flaky = recorded_step("flaky", OperationStatus::Pending);
    let mut details = StepDetails::default();
    details.attempt = Some(1);
    details.next_attempt_timestamp = Some(due);
    flaky.details = Some(details.into());
    flaky
}

#[test]
fn a_retry_that_is_due_beside_a_running_body_begins_in_the_same_invocation() {
    let due = NOW.saturating_add(Duration::from_secs(30));
    let mut session = Session::new(vec![pending_until(due)]);
    let flaky = session.live("flaky", step());
    assert_eq!(session.0.poll(flaky), Progress::Pending);
    running_body(&mut session);

    assert_eq!(session.0.handle_idle(NOW, false), Idle::Until(due));
    assert!(session.outputs_at(due).checkpoint.unwrap().updates.is_empty());
    let mut ready = recorded_step("flaky", OperationStatus::Ready);
    ready.step_details_mut().unwrap().attempt = Some(1);
    session.acknowledge("token-2", vec![ready]);

    assert_eq!(session.0.poll(flaky), Progress::Run { attempt: 2, carried: None });
}

#[test]
fn a_callback_beside_a_running_body_is_asked_for_again_and_again() {
    let mut session = Session::new(Vec::new());
    let approval = session.live("approval", callback());
    session.0.poll(approval);
    session.checkpoint();
    let mut begun = Operation::new(
        id("approval", callback()).to_string(),
        OperationType::Callback,
        OperationStatus::Started,
    );
    let mut details = CallbackDetails::default();
    details.callback_id = Some("callback-1".into());
    begun.details = Some(details.into());
    session.acknowledge("token-1", vec![begun.clone()]);
    assert_eq!(session.deliver_all(), [approval]);
    assert_eq!(session.0.poll(approval), Progress::Created { callback_id: "callback-1".into() });
    assert_eq!(session.0.poll(approval), Progress::Pending);
    running_body(&mut session);

    let mut now = NOW;
    for token in ["token-2", "token-3"] {
        let Idle::Until(next) = session.0.handle_idle(now, false) else { panic!() };
        assert!(next > now);
        now = next;
        assert!(session.outputs_at(now).checkpoint.is_some());
        session.acknowledge(token, Vec::new());
    }
    let Idle::Until(next) = session.0.handle_idle(now, false) else { panic!() };
    assert!(session.outputs_at(next).checkpoint.is_some());
    begun.status = OperationStatus::Succeeded;
    begun.callback_details_mut().unwrap().result = Some("7".into());
    session.acknowledge("token-4", vec![begun]);
    assert_eq!(session.deliver_all(), [approval]);

    assert_eq!(session.0.poll(approval), Progress::Settled(Settled::Succeeded(Some("7".into()))));
}

#[test]
fn a_call_that_failed_as_it_began_is_over_without_a_suspension() {
    let mut session = Session::new(Vec::new());
    let other = session.live("other", call());
    assert_eq!(session.0.poll(other), Progress::Pending);
    session.checkpoint();
    let mut failed = Operation::new(
        id("other", call()).to_string(),
        OperationType::ChainedInvoke,
        OperationStatus::Failed,
    );
    let error = ErrorObject::new("ResourceNotFoundException", "Function not found: other");
    let details = ChainedInvokeDetails::new(None, Some(error.clone()));
    failed.details = Some(details.into());

    session.acknowledge("token-1", vec![failed]);

    assert_eq!(session.0.handle_idle(NOW, false), Idle::Again);
    let settled = Settled::Failed { status: OperationStatus::Failed, error: Box::new(error) };
    assert_eq!(session.0.poll(other), Progress::Settled(settled));
}

#[test]
fn the_state_of_a_condition_is_not_lost_if_the_answer_to_its_start_does_not_repeat_it() {
    let mut ready =
        Operation::new(id("ready", condition()).to_string(), OperationType::Step, OperationStatus::Ready);
    let mut details = StepDetails::new(Some("5".into()), None);
    details.attempt = Some(1);
    (ready.name, ready.sub_type) = (Some("ready".into()), Some("WaitForCondition".into()));
    ready.details = Some(details.into());
    let mut session = Session::new(vec![ready.clone()]);
    let key = session.live("ready", condition());
    assert_eq!(session.checkpoint(), ["START ready"]);
    let mut details = StepDetails::default();
    details.attempt = Some(1);
    (ready.status, ready.details) = (OperationStatus::Started, Some(details.into()));

    session.acknowledge("token-1", vec![ready]);

    assert_eq!(session.0.poll(key), Progress::Run { attempt: 2, carried: Some("5".into()) });
}

#[test]
fn a_condition_that_is_unmet_is_checked_again_after_the_delay_that_was_decided() {
    let mut session = Session::new(Vec::new());
    let ready = session.live("ready", condition());
    session.0.poll(ready);

    session.0.handle_unmet(ready, "5".into(), RetryDecision::After(Duration::from_secs(9)));

    let outputs = session.outputs_at(NOW);
    let update = &outputs.checkpoint.unwrap().updates[1];
    assert_eq!((update.action.as_str(), update.result.as_deref()), ("RETRY", Some("5")));
    assert_eq!(update.step_options.as_ref().unwrap().next_attempt_delay_seconds, Some(9));
}

#[test]
fn a_condition_that_is_not_checked_again_fails_with_the_number_of_its_checks() {
    let mut session = Session::new(Vec::new());
    let ready = session.live("ready", condition());
    session.0.poll(ready);

    session.0.handle_unmet(ready, "5".into(), RetryDecision::Stop);

    assert_eq!(session.checkpoint(), ["START ready", "FAIL ready"]);
    session.acknowledge("token-1", Vec::new());
    session.deliver_all();
    let Progress::Settled(Settled::Failed { error, .. }) = session.0.poll(ready) else { panic!() };
    assert_eq!(error.error_type.as_deref(), Some("ConditionNotMetError"));
    assert_eq!(error.error_message.as_deref(), Some("the condition was not met in 1 attempt"));
}
