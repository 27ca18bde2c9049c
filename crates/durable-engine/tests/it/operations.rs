//! The state of operations, folded from what the engine observes.

use std::collections::{HashMap, HashSet};

use durable_engine::{Notification, Observation, OperationInfo, Operations};
use durable_types::{
    ErrorObject, Operation, OperationAction, OperationStatus, OperationType, OperationUpdate, SmallString,
    StepDetails, Timestamp,
};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_000);

fn step(id: &str, status: OperationStatus, ended: u32) -> Operation {
    let mut record = Operation::new(id, OperationType::Step, status.clone());
    let is_success = status == OperationStatus::Succeeded;
    let mut details = StepDetails::new(is_success.then(|| "7".to_owned()), None);
    details.attempt = Some(ended);
    record.details = Some(details.into());
    record.start_timestamp = Some(Timestamp::from_millis(500));
    record.end_timestamp = status.is_terminal().then_some(Timestamp::from_millis(600));
    record
}

fn started(id: &str) -> Observation {
    Observation::Queued(Box::new(OperationUpdate::start(id, OperationType::Step)))
}

fn succeeded(id: &str) -> Observation {
    Observation::Queued(Box::new(OperationUpdate::succeed(id, OperationType::Step, Some("7".to_owned()))))
}

fn recorded(saved: &[(&str, OperationAction)], records: Vec<Operation>) -> Observation {
    let saved = saved.iter().map(|(id, action)| ((*id).into(), action.clone())).collect();
    Observation::Recorded { saved, records }
}

fn loaded(records: &[Operation], updated: &[&str]) -> Observation {
    let updated = updated.iter().map(|id| ((*id).into(), Some("7".to_owned()))).collect();
    Observation::Loaded { operations: records.iter().map(OperationInfo::from).collect(), updated }
}

fn start(id: &str, is_replay: bool) -> Notification {
    Notification::Started { id: id.into(), is_replay }
}

fn change(ids: &[&str]) -> Notification {
    Notification::Changed { ids: ids.iter().copied().map(SmallString::from).collect() }
}

fn end(id: &str, is_replay: bool) -> Notification {
    Notification::Ended { id: id.into(), result: Some("7".to_owned()), is_replay }
}

#[test]
fn a_step_starts_when_its_start_is_queued_and_ends_when_its_end_is_recorded() {
    let mut operations = Operations::default();

    assert_eq!(operations.handle(started("a"), NOW), [start("a", false)]);
    assert_eq!(operations.get("a").unwrap().start_timestamp, Some(NOW));
    assert_eq!(operations.handle(succeeded("a"), NOW), []);
    let saved = [("a", OperationAction::Start), ("a", OperationAction::Succeed)];
    let record = step("a", OperationStatus::Succeeded, 1);
    assert_eq!(operations.handle(recorded(&saved, vec![record]), NOW), [change(&["a"]), end("a", false)]);

    let step = operations.get("a").unwrap();
    assert_eq!((step.status.clone(), step.attempt), (OperationStatus::Succeeded, Some(1)));
    assert_eq!(step.start_timestamp, Some(Timestamp::from_millis(500)));
    assert_eq!(step.end_timestamp, Some(Timestamp::from_millis(600)));
}

#[test]
fn a_response_without_records_still_ends_the_operation_at_the_local_time() {
    let mut operations = Operations::default();
    operations.handle(started("a"), NOW);
    operations.handle(succeeded("a"), NOW);

    let later = Timestamp::from_millis(2_000);
    let saved = [("a", OperationAction::Start), ("a", OperationAction::Succeed)];
    let notifications = operations.handle(recorded(&saved, Vec::new()), later);

    assert_eq!(notifications, [change(&["a"]), end("a", false)]);
    assert_eq!(operations.get("a").unwrap().end_timestamp, Some(later));
}

#[test]
fn an_attempt_that_is_retried_does_not_end_the_operation() {
    let mut operations = Operations::default();
    operations.handle(started("a"), NOW);
    let error = ErrorObject::new("Declined", "no");
    let retry = OperationUpdate::retry_with_error("a", OperationType::Step, error.clone(), Some(1));
    operations.handle(Observation::Queued(Box::new(retry)), NOW);

    let saved = [("a", OperationAction::Start), ("a", OperationAction::Retry)];
    assert_eq!(operations.handle(recorded(&saved, Vec::new()), NOW), [change(&["a"])]);
    let pending = operations.get("a").unwrap().clone();
    assert_eq!(operations.handle(started("a"), NOW), []);

    assert_eq!(
        (pending.status, pending.error, pending.attempt),
        (OperationStatus::Pending, Some(error), Some(1))
    );
    assert_eq!(operations.get("a").unwrap().attempt, Some(2));
}

#[test]
fn operations_that_ended_before_are_reported_only_if_they_were_updated() {
    let records = [step("old", OperationStatus::Succeeded, 1), step("new", OperationStatus::Succeeded, 1)];
    let mut operations = Operations::default();

    assert_eq!(operations.handle(loaded(&records, &["new", "unknown"]), NOW), [end("new", true)]);

    assert_eq!(operations.updated().map(|info| info.id.as_str()).collect::<Vec<_>>(), ["new"]);
    assert_eq!(operations.handle(Observation::Resumed("old".into()), NOW), []);
    assert_eq!(operations.handle(recorded(&[], records.to_vec()), NOW), []);
}

#[test]
fn an_operation_of_an_earlier_invocation_is_started_again_once_while_it_has_not_ended() {
    let mut operations = Operations::default();
    operations.handle(loaded(&[step("a", OperationStatus::Pending, 1)], &["a"]), NOW);

    assert_eq!(operations.handle(Observation::Resumed("a".into()), NOW), [start("a", true)]);
    assert_eq!(operations.handle(Observation::Resumed("a".into()), NOW), []);
    assert_eq!(operations.handle(started("a"), NOW), []);

    assert!(operations.is_from_earlier_invocation("a"));
}

#[test]
fn records_that_no_operation_of_the_code_started_are_changes_only() {
    let mut operations = Operations::default();

    let marker = step("marker", OperationStatus::Succeeded, 1);
    let notifications =
        operations.handle(recorded(&[("marker", OperationAction::Succeed)], vec![marker]), NOW);

    assert_eq!(notifications, [change(&["marker"])]);
    assert_eq!(operations.len(), 1);
}

#[test]
fn a_child_that_ends_along_with_its_parent_ends_first() {
    let mut operations = Operations::default();
    for id in ["parent", "child"] {
        operations.handle(started(id), NOW);
    }
    operations.handle(succeeded("child"), NOW);
    operations.handle(succeeded("parent"), NOW);

    let saved = [("child", OperationAction::Succeed), ("parent", OperationAction::Succeed)];
    let records = ["parent", "child"].map(|id| step(id, OperationStatus::Succeeded, 1));
    let notifications = operations.handle(recorded(&saved, records.to_vec()), NOW);

    assert_eq!(notifications, [change(&["child", "parent"]), end("child", false), end("parent", false)]);
}

fn statuses() -> impl Strategy<Value = OperationStatus> {
    prop_oneof![
        Just(OperationStatus::Started),
        Just(OperationStatus::Pending),
        Just(OperationStatus::Ready),
        Just(OperationStatus::Succeeded),
        Just(OperationStatus::Failed),
    ]
}

fn records() -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec((0_u8..6, statuses(), 0_u32..3), 0..5).prop_map(|records| {
        records.into_iter().map(|(id, status, ended)| step(&id.to_string(), status, ended)).collect()
    })
}

fn actions() -> impl Strategy<Value = OperationAction> {
    prop_oneof![
        Just(OperationAction::Start),
        Just(OperationAction::Retry),
        Just(OperationAction::Succeed),
        Just(OperationAction::Fail),
    ]
}

fn observations() -> impl Strategy<Value = Observation> {
    prop_oneof![
        (0_u8..6).prop_map(|id| Observation::Resumed(id.to_string().into())),
        (0_u8..6, actions()).prop_map(|(id, action)| {
            Observation::Queued(Box::new(OperationUpdate::new(id.to_string(), OperationType::Step, action)))
        }),
        (prop::collection::vec((0_u8..6, actions()), 0..5), records()).prop_map(|(saved, records)| {
            let saved = saved.into_iter().map(|(id, action)| (id.to_string().into(), action)).collect();
            Observation::Recorded { saved, records }
        }),
    ]
}

proptest! {
    #[test]
    fn whatever_arrives_starts_and_ends_are_reported_once_and_in_order(
        first in records(),
        updated in prop::collection::hash_set(0_u8..6, 0..4),
        observed in prop::collection::vec(observations(), 0..40),
    ) {
        let ids: HashSet<_> = first.iter().map(|record| record.id.clone()).collect();
        prop_assume!(ids.len() == first.len());
        let updated: Vec<String> = updated.iter().map(u8::to_string).collect();
        let updated: Vec<&str> = updated.iter().map(String::as_str).collect();
        let ended_before: HashSet<SmallString> =
            first.iter().filter(|record| record.status.is_terminal()).map(|record| record.id.clone()).collect();
        let mut operations = Operations::default();
        let mut reported = operations.handle(loaded(&first, &updated), NOW);
        for observation in observed {
            let known: HashMap<_, _> = operations.iter().map(|info| (info.id.clone(), info.clone())).collect();
            let notifications = operations.handle(observation, NOW);
            for id in known.keys() {
                prop_assert!(operations.get(id).is_some(), "operation {id} was lost");
            }
            reported.extend(notifications);
        }

        let (mut starts, mut ends) = (HashSet::new(), HashSet::new());
        for notification in reported {
            match notification {
                Notification::Started { id, is_replay } => {
                    prop_assert!(!ends.contains(&id) && !ended_before.contains(&id), "{id} started after its end");
                    prop_assert_eq!(is_replay, ids.contains(&id));
                    prop_assert!(starts.insert(id), "started twice");
                }
                Notification::Ended { id, is_replay, .. } => {
                    prop_assert_eq!(is_replay, ended_before.contains(&id));
                    prop_assert!(!is_replay || updated.contains(&id.as_str()));
                    prop_assert!(operations.get(&id).unwrap().status.is_terminal());
                    prop_assert!(ends.insert(id), "ended twice");
                }
                Notification::Changed { ids } => {
                    let distinct: HashSet<_> = ids.iter().collect();
                    prop_assert!(!ids.is_empty() && distinct.len() == ids.len());
                    prop_assert!(ids.iter().all(|id| operations.get(id).is_some()));
                }
            }
        }
    }
}
