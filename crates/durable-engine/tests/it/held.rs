//! The order in which results are handed out that are held back.

use durable_engine::{Idle, Progress};
use durable_types::{Operation, OperationStatus, Timestamp};

use crate::session::{NOW, Session, recorded_step, step};

/// A record of a step that began and ended then.
fn ended(name: &str, began: i64, ended: i64) -> Operation {
    let mut record = recorded_step(name, OperationStatus::Succeeded);
    record.start_timestamp = Some(Timestamp::from_millis(began));
    record.end_timestamp = Some(Timestamp::from_millis(ended));
    record
}

/// A record of a step whose next attempt is due.
fn ready(name: &str, began: i64) -> Operation {
    let mut record = recorded_step(name, OperationStatus::Ready);
    record.start_timestamp = Some(Timestamp::from_millis(began));
    record
}

#[test]
fn a_result_of_this_invocation_does_not_overtake_those_that_are_held_back() {
    let mut session = Session::new(vec![ready("retried", 1), ended("first", 1, 5), ended("second", 2, 6)]);
    let retried = session.live("retried", step());
    let second = session.live("second", step());
    let first = session.live("first", step());
    assert!(matches!(session.0.poll(retried), Progress::Run { .. }));
    session.0.handle_succeeded(retried, Some("7".to_owned()));
    assert_eq!(session.checkpoint(), ["START retried", "SUCCEED retried"]);

    session.acknowledge("token-1", Vec::new());

    for expected in [first, second, retried] {
        assert_eq!(session.0.poll(retried), Progress::Pending);
        assert_eq!(session.0.handle_idle(NOW, false), Idle::Again);
        assert!(matches!(session.0.poll(expected), Progress::Settled(_)));
    }
}

#[test]
fn results_of_one_checkpoint_are_handed_out_together() {
    let mut session = Session::new(vec![ended("left", 1, 5), ended("right", 1, 5), ended("later", 1, 6)]);
    let right = session.live("right", step());
    let left = session.live("left", step());
    let later = session.live("later", step());

    assert_eq!(session.0.handle_idle(NOW, false), Idle::Again);

    assert!(matches!(session.0.poll(left), Progress::Settled(_)));
    assert!(matches!(session.0.poll(right), Progress::Settled(_)));
    assert_eq!(session.0.poll(later), Progress::Pending);
}
