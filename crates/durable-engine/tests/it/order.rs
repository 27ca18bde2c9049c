//! The one order in which results are delivered, live as on replay.

use durable_engine::{Idle, NewOperation, OperationKey, Progress};
use durable_types::{
    CallbackDetails, Operation, OperationAction, OperationStatus, OperationType, StepDetails, Timestamp,
};

use crate::session::{NOW, RESOLUTION, Session, at, id, recorded_step, recorded_wait, step, wait};

/// A record of a step that began and ended at these times.
fn ended(name: &str, began: i64, ended: i64) -> Operation {
    at(recorded_step(name, OperationStatus::Succeeded), began, ended)
}

/// A record of a step whose next attempt is due.
fn ready(name: &str, began: i64) -> Operation {
    let mut record = recorded_step(name, OperationStatus::Ready);
    record.start_timestamp = Some(Timestamp::from_millis(began));
    record
}

/// Delivers one result and checks that it is the only one that can be consumed.
fn expect_next(session: &mut Session, next: OperationKey, others: &[OperationKey]) {
    assert_eq!(session.0.deliver(), Some(next));
    for other in others {
        assert_eq!(session.0.poll(*other), Progress::Pending);
    }
    assert!(session.0.poll_deferred(next) || matches!(session.0.poll(next), Progress::Settled(_)));
}

#[test]
fn a_recorded_result_is_delivered_when_the_handler_is_at_rest_and_not_at_its_claim() {
    let mut session = Session::new(vec![ended("a", 1, 5)]);
    let (a, _) = session.deferred("a", step());

    assert!(!session.0.poll_deferred(a), "it is pending at its first poll, as it was live");
    assert_eq!(session.deliver_all(), [a]);

    assert!(session.0.poll_deferred(a));
    assert!(!session.0.poll_deferred(a), "once");
}

#[test]
fn results_are_delivered_by_end_timestamp_whatever_the_order_of_claims() {
    let mut session = Session::new(vec![ended("a", 1, 7), ended("b", 1, 5), ended("c", 1, 6)]);
    let [a, b, c] = ["a", "b", "c"].map(|name| session.deferred(name, step()).0);
    for key in [a, b, c] {
        assert!(!session.0.poll_deferred(key));
    }

    assert_eq!(session.deliver_all(), [b, c, a]);
}

#[test]
fn results_of_one_checkpoint_are_delivered_one_at_a_time_by_id() {
    let mut session = Session::new(vec![ended("left", 1, 5), ended("right", 1, 5), ended("later", 1, 6)]);
    let mut keys =
        ["later", "right", "left"].map(|name| (id(name, step()), session.deferred(name, step()).0));
    keys[1..].sort();
    let [later, first, second] = keys.map(|(_, key)| key);
    for key in [later, first, second] {
        assert!(!session.0.poll_deferred(key));
    }

    expect_next(&mut session, first, &[second, later]);
    expect_next(&mut session, second, &[later]);
    expect_next(&mut session, later, &[]);
}

#[test]
fn results_of_one_response_are_delivered_by_the_timestamps_it_carries() {
    let mut session = Session::new(Vec::new());
    let [one, two] = ["one", "two"].map(|name| session.live(name, wait()));
    for key in [one, two] {
        session.0.poll(key);
    }
    session.checkpoint();

    session.acknowledge(
        "token-1",
        vec![
            at(recorded_wait("one", OperationStatus::Succeeded), 1, 9),
            at(recorded_wait("two", OperationStatus::Succeeded), 1, 8),
        ],
    );

    expect_next(&mut session, two, &[one]);
    expect_next(&mut session, one, &[]);
}

#[test]
fn a_result_of_this_invocation_does_not_overtake_recorded_ones() {
    let mut session = Session::new(vec![ready("retried", 1), ended("first", 1, 5), ended("second", 2, 6)]);
    let retried = session.live("retried", step());
    let (second, _) = session.deferred("second", step());
    let (first, _) = session.deferred("first", step());
    assert!(!session.0.poll_deferred(second) && !session.0.poll_deferred(first));
    assert!(matches!(session.0.poll(retried), Progress::Run { .. }));
    session.0.handle_succeeded(retried, Some("7".to_owned()));
    assert!(session.checkpoint().is_empty(), "what follows from the recorded results belongs into it");
    for key in [first, second] {
        expect_next(&mut session, key, &[retried]);
    }
    assert_eq!(session.checkpoint(), ["START retried", "SUCCEED retried"]);

    session.acknowledge("token-1", vec![ended("retried", 1, 7)]);

    expect_next(&mut session, retried, &[]);
}

#[test]
fn no_request_is_sent_while_a_result_can_be_delivered() {
    let mut session = Session::new(vec![ended("a", 1, 5)]);
    let (a, _) = session.deferred("a", step());
    session.live("pause", wait());

    assert!(session.checkpoint().is_empty());
    session.deliver_all();
    assert!(session.0.poll_deferred(a));

    assert_eq!(session.checkpoint(), ["START pause"]);
}

#[test]
fn a_result_is_not_consumed_before_one_that_was_delivered_earlier() {
    let mut session = Session::new(vec![ended("a", 1, 5), ended("b", 1, 6)]);
    let [a, b] = ["a", "b"].map(|name| session.deferred(name, step()).0);
    session.0.deliver();
    session.0.deliver();

    assert!(!session.0.poll_deferred(b));
    assert!(session.0.poll_deferred(a));

    assert_eq!(session.0.deliver(), Some(b), "it is woken when that is consumed");
    assert!(session.0.poll_deferred(b));
}

#[test]
fn a_result_may_be_consumed_early_when_the_handler_comes_to_rest_without_consuming_the_earlier_one() {
    let mut session = Session::new(vec![ended("a", 1, 5), ended("b", 1, 6)]);
    let [a, b] = ["a", "b"].map(|name| session.deferred(name, step()).0);
    session.0.deliver();
    session.0.deliver();
    assert!(!session.0.poll_deferred(b));

    assert_eq!(session.0.handle_idle(NOW, true), Idle::Again);

    assert_eq!(session.outputs_at(NOW).woken, [b]);
    assert!(session.0.poll_deferred(b));
    assert!(session.0.poll_deferred(a));
}

#[test]
fn a_result_that_was_dropped_unconsumed_blocks_no_later_one() {
    let mut session = Session::new(vec![ended("a", 1, 5), ended("b", 1, 6)]);
    let [a, b] = ["a", "b"].map(|name| session.deferred(name, step()).0);
    session.0.deliver();
    session.0.deliver();
    assert!(!session.0.poll_deferred(b));

    session.0.release(a);

    assert_eq!(session.0.deliver(), Some(b));
    assert!(session.0.poll_deferred(b));
}

#[test]
fn a_result_waits_until_what_began_before_it_has_been_claimed() {
    let mut session = Session::new(vec![ended("quick", 1, 5), ended("slow", 2, 9)]);
    let (quick, _) = session.deferred("quick", step());
    assert_eq!(session.0.deliver(), None);
    let (slow, _) = session.deferred("slow", step());
    for key in [quick, slow] {
        assert!(!session.0.poll_deferred(key));
    }

    assert_eq!(session.deliver_all(), [quick, slow]);
}

#[test]
fn a_result_does_not_wait_for_what_began_after_it_or_in_the_same_unit_of_time() {
    for began in [5, 6] {
        let mut session = Session::new(vec![ended("first", 1, 5), ended("second", began, 9)]);

        session.replay("first");

        session.replay("second");
    }
}

#[test]
fn a_result_that_waits_in_vain_is_delivered_before_replay_diverges() {
    let mut session = Session::new(vec![ended("first", 1, 5), ended("renamed", 2, 9)]);
    let (first, _) = session.deferred("first", step());
    assert_eq!(session.0.deliver(), None);

    assert_eq!(session.0.handle_idle(NOW, false), Idle::Again);

    assert!(session.0.poll_deferred(first));
}

#[test]
fn what_follows_from_a_result_is_recorded_after_the_place_of_one_that_ended_in_the_same_unit_of_time() {
    let mut names = ["one", "two"];
    names.sort_by_key(|name| id(name, wait()));
    let mut session = Session::new(Vec::new());
    let [first, second] = names.map(|name| session.live(name, wait()));
    for key in [first, second] {
        session.0.poll(key);
    }
    session.checkpoint();
    let ended = names.map(|name| at(recorded_wait(name, OperationStatus::Succeeded), 1, 9));
    let [first_ended, second_ended] = ended;
    session.acknowledge("token-1", vec![second_ended]);
    expect_next(&mut session, second, &[first]);
    session.live("next", wait());

    assert!(session.outputs_at(NOW).checkpoint.is_none());
    let asked = session.outputs_at(NOW.saturating_add(RESOLUTION)).checkpoint.unwrap();
    assert!(asked.updates.is_empty(), "another wait may have ended in the same unit of time");
    session.acknowledge("token-2", vec![first_ended]);
    expect_next(&mut session, first, &[]);

    let id = id(names[0], wait());
    assert_eq!(session.checkpoint(), [format!("START {id}"), format!("SUCCEED {id}"), "START next".into()]);
}

/// A record of a callback.
fn recorded_callback(name: &str, status: OperationStatus) -> Operation {
    let result = status.is_terminal().then(|| "7".to_owned());
    let mut record = Operation::new(id(name, callback()).to_string(), OperationType::Callback, status);
    let mut details = CallbackDetails::new(result, None);
    details.callback_id = Some("callback-1".into());
    record.name = Some(name.into());
    record.sub_type = Some("Callback".into());
    record.details = Some(details.into());
    record
}

fn callback() -> NewOperation {
    NewOperation::Callback { timeout_seconds: None, heartbeat_timeout_seconds: None }
}

/// Sends a checkpoint that records the place of a late result, and returns its record.
fn record_place(session: &mut Session) -> Operation {
    let request = session.request().unwrap();
    let update =
        request.updates.into_iter().find(|update| update.action == OperationAction::Succeed).unwrap();
    let mut record = Operation::new(update.operation_id, OperationType::Step, OperationStatus::Succeeded);
    record.sub_type = update.sub_type;
    record.details = Some(StepDetails::new(update.result, None).into());
    record
}

/// Sends a checkpoint, and answers it with these records.
fn report(session: &mut Session, reported: Vec<Operation>) {
    session.live("another", wait());
    session.checkpoint();
    session.acknowledge("token", reported);
}

#[test]
fn the_id_of_a_callback_and_its_answer_have_a_place_each_if_they_arrive_late() {
    let waited = |name, ended| at(recorded_wait(name, OperationStatus::Succeeded), 1, ended);
    let mut created = recorded_callback("approval", OperationStatus::Started);
    created.start_timestamp = Some(Timestamp::from_millis(2));
    let answered = at(recorded_callback("approval", OperationStatus::Succeeded), 2, 11);
    let mut live = Session::new(Vec::new());
    let [first, second] = ["first", "second"].map(|name| live.live(name, wait()));
    let approval = live.live("approval", callback());
    for key in [first, second, approval] {
        live.0.poll(key);
    }
    live.checkpoint();
    live.acknowledge("token-1", vec![waited("first", 9)]);
    expect_next(&mut live, first, &[second, approval]);

    report(&mut live, vec![created]);
    assert_eq!(live.0.deliver(), Some(approval));
    assert!(matches!(live.0.poll(approval), Progress::Created { .. }));
    let place_of_id = record_place(&mut live);
    live.acknowledge("token-3", vec![waited("second", 12)]);
    expect_next(&mut live, second, &[approval]);
    report(&mut live, vec![answered.clone()]);
    expect_next(&mut live, approval, &[]);
    let place_of_answer = record_place(&mut live);

    let records = vec![waited("first", 9), waited("second", 12), answered, place_of_id, place_of_answer];
    let mut replay = Session::new(records);
    let [first, second] = ["first", "second"].map(|name| replay.deferred(name, wait()).0);
    let approval = replay.live("approval", callback());
    assert!(!replay.0.poll_deferred(first) && !replay.0.poll_deferred(second));
    assert_eq!(replay.0.poll(approval), Progress::Pending);
    expect_next(&mut replay, first, &[second, approval]);
    assert_eq!(replay.0.deliver(), Some(approval));
    assert!(matches!(replay.0.poll(approval), Progress::Created { .. }));
    expect_next(&mut replay, second, &[approval]);
    expect_next(&mut replay, approval, &[]);
}
