//! Batches on replay: when the ends of their items are delivered.

use durable_engine::{Claimed, ContextKey, NewOperation, OperationId, Progress};
use durable_types::{ContextDetails, Operation, OperationStatus, OperationType, Timestamp, sub_type};

use crate::session::{NOW, ROOT, Session};

fn map() -> NewOperation {
    NewOperation::Context { sub_type: sub_type::MAP, index: None }
}

fn item(index: u32) -> NewOperation {
    NewOperation::Context { sub_type: sub_type::MAP_ITERATION, index: Some(index) }
}

/// Claims the map and enters it.
fn enter(session: &mut Session) -> (OperationId, ContextKey) {
    let Claimed::Live(id, key) = session.claim(ROOT, Some("map"), map()) else {
        panic!("the map is to be run")
    };
    let Progress::Enter { context, .. } = session.0.poll(key) else { panic!("the map is to be entered") };
    (id, context)
}

/// A map with two items that began together and ended together.
fn two_items(map_status: OperationStatus, replay_children: Option<bool>) -> Vec<Operation> {
    let map = enter(&mut Session::new(Vec::new())).0;
    let context = |id: OperationId, sub_type: &str, status| {
        let mut record = Operation::new(id.to_string(), OperationType::Context, status);
        record.sub_type = Some(sub_type.into());
        record.start_timestamp = Some(Timestamp::from_millis(1));
        record.details = Some(ContextDetails::default().into());
        record
    };
    let mut recorded = context(map, sub_type::MAP, map_status.clone());
    recorded.name = Some("map".into());
    recorded.context_details_mut().unwrap().replay_children = replay_children;
    recorded.end_timestamp = map_status.is_terminal().then_some(Timestamp::from_millis(2));
    let items = [0, 1].map(|index| {
        let id = map.item(sub_type::MAP_ITERATION, index);
        let mut item = context(id, sub_type::MAP_ITERATION, OperationStatus::Succeeded);
        item.parent_id = Some(map.to_string().into());
        item.end_timestamp = Some(Timestamp::from_millis(2));
        item
    });
    [recorded].into_iter().chain(items).collect()
}

#[test]
fn an_item_of_a_batch_that_has_ended_has_ended_for_its_claim_too() {
    let mut session = Session::new(two_items(OperationStatus::Succeeded, Some(true)));
    let (_, context) = enter(&mut session);

    let claimed = [0, 1].map(|index| session.claim(context, None, item(index)));

    assert!(matches!(claimed, [Claimed::Settled(..), Claimed::Settled(..)]), "{claimed:?}");
}

#[test]
fn an_exposed_item_of_a_batch_that_has_ended_is_deferred_like_any_other_operation() {
    let mut session = Session::new(two_items(OperationStatus::Succeeded, Some(true)));
    let (_, context) = enter(&mut session);

    session.0.expose_items(context);

    let claimed = [0, 1].map(|index| session.claim(context, None, item(index)));
    assert!(matches!(claimed, [Claimed::Deferred(..), Claimed::Deferred(..)]), "{claimed:?}");
}

#[test]
fn an_item_of_a_batch_that_is_running_is_deferred_until_those_that_began_before_it_ended_are_claimed() {
    let mut session = Session::new(two_items(OperationStatus::Started, None));
    let (_, context) = enter(&mut session);

    let Claimed::Deferred(_, first, _) = session.claim(context, None, item(0)) else { panic!() };
    assert!(!session.0.poll_deferred(first));
    assert_eq!(session.0.deliver(), None);
    let Claimed::Deferred(_, second, _) = session.claim(context, None, item(1)) else { panic!() };
    assert!(!session.0.poll_deferred(second));

    let mut delivered = session.deliver_all();
    delivered.sort();
    assert_eq!(delivered, [first, second]);
}

#[test]
fn a_context_without_a_result_is_recorded_by_its_summary_and_keeps_what_is_inside() {
    let mut session = Session::new(Vec::new());
    let key = session.live("map", map());
    session.0.poll(key);

    session.0.handle_summarized(key, None, Some("summary".to_owned()));

    let request = session.outputs_at(NOW).checkpoint.unwrap();
    let end = request.updates.last().unwrap();
    assert_eq!((end.action.as_str(), end.result.as_deref()), ("SUCCEED", Some("summary")));
    assert_eq!(end.context_options.as_ref().unwrap().replay_children, Some(true));
}

#[test]
fn a_context_with_a_result_that_can_be_recorded_keeps_nothing() {
    let mut session = Session::new(Vec::new());
    let key = session.live("map", map());
    session.0.poll(key);

    session.0.handle_summarized(key, Some("1".to_owned()), Some("summary".to_owned()));

    let request = session.outputs_at(NOW).checkpoint.unwrap();
    let end = request.updates.last().unwrap();
    assert_eq!((end.result.as_deref(), end.context_options.as_ref()), (Some("1"), None));
}
