//! What called functions receive, known only after the call was claimed.

use durable_engine::NewOperation;
use durable_types::{ChainedInvokeOptions, OperationStatus};

use crate::session::{Session, recorded_step};

fn call() -> NewOperation {
    let options = ChainedInvokeOptions::new("other");
    NewOperation::Invoke { options, input: None }
}

#[test]
fn a_call_begins_when_its_input_is_known() {
    let mut session = Session::new(Vec::new());
    let key = session.live("call", call());
    assert!(session.0.wants_input(key));
    assert_eq!(session.checkpoint(), [""; 0]);

    session.0.handle_input(key, "1".into(), None);

    assert!(!session.0.wants_input(key));
    assert_eq!(session.checkpoint(), ["START call"]);
}

#[test]
fn a_call_whose_input_is_known_still_waits_for_what_is_recorded() {
    let mut session = Session::new(vec![recorded_step("first", OperationStatus::Succeeded)]);
    let key = session.live("call", call());

    session.0.handle_input(key, "1".into(), None);
    assert_eq!(session.checkpoint(), [""; 0]);
    session.replay("first");

    assert_eq!(session.checkpoint(), ["START call"]);
}

#[test]
fn a_call_that_gets_no_input_leaves_no_trace() {
    let mut session = Session::new(Vec::new());
    let key = session.live("call", call());

    session.0.handle_input_refused(key);
    session.0.release(key);

    assert_eq!(session.checkpoint(), [""; 0]);
}
