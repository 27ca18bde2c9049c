//! When an invocation suspends.

use durable_engine::{Idle, Progress};
use durable_types::{InvocationOutput, OperationStatus, WaitDetails};

use crate::session::{NOW, Session, recorded_wait, step, wait};

const PENDING: Idle = Idle::Answer(InvocationOutput::Pending);

fn waiting(name: &str) -> Session {
    Session::new(vec![recorded_wait(name, OperationStatus::Started)])
}

#[test]
fn it_suspends_when_an_awaited_wait_is_all_there_is() {
    let mut session = Session::new(Vec::new());
    let pause = session.live("pause", wait());
    session.0.poll(pause);
    assert_eq!(session.0.handle_idle(NOW, false), Idle::Wait, "its start is not recorded yet");
    session.checkpoint();
    assert_eq!(session.0.handle_idle(NOW, false), Idle::Wait, "nor acknowledged");

    session.acknowledge("token-1", Vec::new());

    assert_eq!(session.0.handle_idle(NOW, false), PENDING);
}

#[test]
fn it_does_not_suspend_while_a_body_runs() {
    let mut session = waiting("pause");
    let pause = session.live("pause", wait());
    session.0.poll(pause);
    let work = session.live("work", step());
    session.0.poll(work);
    session.checkpoint();
    session.acknowledge("token-1", Vec::new());

    assert!(matches!(session.0.handle_idle(NOW, false), Idle::Until(_)));
    session.0.release(work);
    assert_eq!(session.0.handle_idle(NOW, false), PENDING);
}

#[test]
fn while_a_body_runs_the_service_is_asked_about_a_wait_when_it_is_due() {
    let mut recorded = recorded_wait("pause", OperationStatus::Started);
    let due = NOW.saturating_add(std::time::Duration::from_secs(30));
    let details = WaitDetails::new(Some(due));
    recorded.details = Some(details.into());
    let mut session = Session::new(vec![recorded]);
    let pause = session.live("pause", wait());
    session.0.poll(pause);
    let work = session.live("work", step());
    session.0.poll(work);
    session.checkpoint();
    session.acknowledge("token-1", Vec::new());

    assert_eq!(session.0.handle_idle(NOW, false), Idle::Until(due));
    assert!(session.outputs_at(NOW).checkpoint.is_none());
    let question = session.outputs_at(due).checkpoint.unwrap();
    assert!(question.updates.is_empty());
    session.acknowledge("token-2", vec![recorded_wait("pause", OperationStatus::Succeeded)]);

    assert_eq!(session.deliver_all(), [pause]);
    assert!(matches!(session.0.poll(pause), Progress::Settled(_)));
    assert_eq!(session.0.handle_idle(due, false), Idle::Wait, "nothing waits any more, but a body runs");
}

#[test]
fn it_does_not_suspend_for_a_wait_that_is_not_awaited() {
    let mut session = waiting("pause");
    session.live("pause", wait());

    assert_eq!(session.0.handle_idle(NOW, true), Idle::Wait);
}

#[test]
fn a_dropped_wait_leaves_no_trace() {
    let mut session = waiting("pause");
    let pause = session.live("pause", wait());
    assert_eq!(session.0.poll(pause), Progress::Pending);

    session.0.release(pause);

    assert_eq!(session.0.handle_idle(NOW, true), Idle::Wait);
}

#[test]
fn a_wait_that_has_ended_does_not_suspend_while_its_future_is_still_held() {
    let mut session = waiting("pause");
    let pause = session.live("pause", wait());
    session.0.poll(pause);
    let beside = session.live("beside", wait());
    session.0.poll(beside);
    session.checkpoint();
    session.acknowledge("token-1", vec![recorded_wait("pause", OperationStatus::Succeeded)]);
    assert_eq!(session.deliver_all(), [pause]);
    assert!(matches!(session.0.poll(pause), Progress::Settled(_)));
    session.0.release(beside);

    assert_eq!(session.0.handle_idle(NOW, true), Idle::Wait);
}

#[test]
fn a_hang_that_is_certain_is_an_error() {
    let mut never_polled = waiting("pause");
    never_polled.live("pause", wait());
    let mut dropped = waiting("pause");
    let pause = dropped.live("pause", wait());
    dropped.0.poll(pause);
    dropped.0.release(pause);
    let idle = Session::new(Vec::new());

    for mut session in [never_polled, dropped, idle] {
        let Idle::Answer(InvocationOutput::Failed { error: Some(error) }) = session.0.handle_idle(NOW, false)
        else {
            panic!()
        };
        assert_eq!(error.error_type.as_deref(), Some("ContextMisuseError"));
    }
}

#[test]
fn a_handler_that_something_else_may_wake_does_not_hang() {
    let mut session = Session::new(Vec::new());

    assert_eq!(session.0.handle_idle(NOW, true), Idle::Wait);
}

#[test]
fn a_handler_does_not_hang_while_a_value_is_being_written_or_read() {
    let mut session = Session::new(Vec::new());
    session.0.handle_work_began();

    assert_eq!(session.0.handle_idle(NOW, false), Idle::Wait);
    session.0.handle_work_ended();

    assert!(matches!(session.0.handle_idle(NOW, false), Idle::Answer(InvocationOutput::Failed { .. })));
}

#[test]
fn it_waits_for_lingering_updates_before_it_suspends() {
    let mut session = waiting("pause");
    let pause = session.live("pause", wait());
    session.0.poll(pause);
    session.live("unawaited", step());
    assert!(session.outputs_at(NOW).checkpoint.is_none());

    let until = NOW.saturating_add(durable_engine::LINGER);
    assert_eq!(session.0.handle_idle(NOW, false), Idle::Until(until));

    assert!(session.outputs_at(until).checkpoint.is_some());
}
