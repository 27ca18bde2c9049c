//! Steps, update by update.

use std::time::Duration;

use durable_engine::{NewOperation, Progress, RetryDecision, Settled, StepSemantics};
use durable_types::limits::MAX_DELAY_SECONDS;
use durable_types::{ErrorObject, OperationStatus};

use crate::session::{NOW, Session, recorded_step, step};

fn once_per_retry() -> NewOperation {
    NewOperation::Step { semantics: StepSemantics::AtMostOncePerRetry }
}

fn once() -> NewOperation {
    NewOperation::Step { semantics: StepSemantics::AtMostOnce }
}

#[test]
fn a_new_step_runs_at_once_and_its_start_travels_with_its_end() {
    let mut session = Session::new(Vec::new());
    let charge = session.live("charge", step());

    assert_eq!(session.0.poll(charge), Progress::Run { attempt: 1, carried: None });
    assert!(session.outputs_at(NOW).checkpoint.is_none(), "it lingers");
    session.0.handle_succeeded(charge, Some("1".into()));

    assert_eq!(session.checkpoint(), ["START charge", "SUCCEED charge"]);
    assert_eq!(session.0.poll(charge), Progress::Pending, "nothing is handed out before it is recorded");
    session.acknowledge("token-1", Vec::new());
    assert_eq!(session.deliver_all(), [charge]);
    assert_eq!(session.0.poll(charge), Progress::Settled(Settled::Succeeded(None)));
}

#[test]
fn the_body_of_an_at_most_once_step_waits_for_its_start_to_be_recorded() {
    for semantics in [once(), once_per_retry()] {
        let mut session = Session::new(Vec::new());
        let pay = session.live("pay", semantics);

        assert_eq!(session.0.poll(pay), Progress::Pending);
        assert_eq!(session.checkpoint(), ["START pay"]);
        session.acknowledge("token-1", Vec::new());

        assert_eq!(session.0.poll(pay), Progress::Run { attempt: 1, carried: None });
    }
}

#[test]
fn an_interrupted_attempt_that_runs_at_most_once_per_retry_is_followed_by_another_if_that_is_decided() {
    let mut session = Session::new(vec![recorded_step("pay", OperationStatus::Started)]);
    let pay = session.live("pay", once_per_retry());
    assert!(session.checkpoint().is_empty(), "nothing is decided yet");

    let Progress::Interrupted { attempt, error } = session.0.poll(pay) else { panic!() };
    session.0.handle_failed(pay, error, RetryDecision::After(Duration::from_secs(9)));

    assert_eq!(attempt, 1);
    let update = &session.outputs_at(NOW).checkpoint.unwrap().updates[0];
    assert_eq!(update.action.as_str(), "RETRY");
    assert_eq!(update.error.as_ref().unwrap().error_type.as_deref(), Some("StepInterruptedError"));
    assert_eq!(update.step_options.as_ref().unwrap().next_attempt_delay_seconds, Some(9));
    assert_eq!(session.0.poll(pay), Progress::Pending);
}

#[test]
fn an_interrupted_attempt_that_runs_at_most_once_is_final_and_nothing_is_decided() {
    let mut session = Session::new(vec![recorded_step("pay", OperationStatus::Started)]);

    let pay = session.live("pay", once());

    assert_eq!(session.0.poll(pay), Progress::Pending);
    assert_eq!(session.checkpoint(), ["FAIL pay"]);
    session.acknowledge("token-1", Vec::new());
    session.deliver_all();
    let Progress::Settled(Settled::Failed { error, .. }) = session.0.poll(pay) else { panic!() };
    assert_eq!(error.error_type.as_deref(), Some("StepInterruptedError"));
}

#[test]
fn an_attempt_that_runs_at_most_once_and_failed_is_followed_by_another_if_that_is_decided() {
    let mut ready = recorded_step("pay", OperationStatus::Ready);
    ready.step_details_mut().unwrap().attempt = Some(1);
    let mut session = Session::new(vec![ready]);
    let pay = session.live("pay", once());

    assert_eq!(session.checkpoint(), ["START pay"]);
    session.acknowledge("token-1", Vec::new());

    assert_eq!(session.0.poll(pay), Progress::Run { attempt: 2, carried: None });
}

#[test]
fn a_delay_is_rounded_up_to_seconds_that_the_service_accepts() {
    let delays = [
        (Duration::ZERO, 1),
        (Duration::from_millis(2_001), 3),
        (Duration::from_secs(MAX_DELAY_SECONDS), MAX_DELAY_SECONDS),
        (Duration::MAX, MAX_DELAY_SECONDS),
    ];
    for (delay, seconds) in delays {
        let mut session = Session::new(Vec::new());
        let flaky = session.live("flaky", step());
        session.0.poll(flaky);

        session.0.handle_failed(flaky, ErrorObject::new("E", "no"), RetryDecision::After(delay));

        let update = &session.outputs_at(NOW).checkpoint.unwrap().updates[1];
        assert_eq!(update.step_options.as_ref().unwrap().next_attempt_delay_seconds, Some(seconds));
    }
}

#[test]
fn a_retry_becomes_the_next_attempt_when_the_service_says_so() {
    let mut session = Session::new(Vec::new());
    let flaky = session.live("flaky", step());
    session.0.poll(flaky);
    session.0.handle_failed(flaky, ErrorObject::new("E", "no"), RetryDecision::After(Duration::from_secs(5)));
    assert_eq!(session.checkpoint(), ["START flaky", "RETRY flaky"]);
    let mut ready = recorded_step("flaky", OperationStatus::Ready);
    ready.step_details_mut().unwrap().attempt = Some(1);

    session.acknowledge("token-1", vec![ready]);

    assert_eq!(session.0.poll(flaky), Progress::Run { attempt: 2, carried: None });
    assert_eq!(session.checkpoint(), ["START flaky"]);
}

#[test]
fn a_permanent_failure_is_not_tried_again() {
    let mut session = Session::new(Vec::new());
    let broken = session.live("broken", step());
    session.0.poll(broken);

    session.0.handle_failed(broken, ErrorObject::new("E", "never"), RetryDecision::Stop);

    assert_eq!(session.checkpoint(), ["START broken", "FAIL broken"]);
    session.acknowledge("token-1", Vec::new());
    session.deliver_all();
    let Progress::Settled(Settled::Failed { error, .. }) = session.0.poll(broken) else { panic!() };
    assert_eq!(*error, ErrorObject::new("E", "never"));
}

#[test]
fn a_record_that_waits_for_its_next_attempt_is_left_alone() {
    let mut session = Session::new(vec![recorded_step("flaky", OperationStatus::Pending)]);
    let flaky = session.live("flaky", step());

    assert_eq!(session.0.poll(flaky), Progress::Pending);
    assert!(session.checkpoint().is_empty());
}

#[test]
fn a_record_ended_from_outside_is_an_error_and_never_runs() {
    for status in [OperationStatus::Cancelled, OperationStatus::TimedOut, OperationStatus::Stopped] {
        let mut session = Session::new(vec![recorded_step("work", status.clone())]);

        let settled = session.replay("work");

        let Settled::Failed { status: ended_as, .. } = settled else { panic!("{settled:?}") };
        assert_eq!(ended_as, status);
    }
}
