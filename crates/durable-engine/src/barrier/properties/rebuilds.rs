//! Properties of results that are rebuilt while others can be delivered.

use std::time::Duration;

use durable_types::{Operation, OperationStatus, OperationType, Timestamp, sub_type};
use proptest::collection::vec;
use proptest::prelude::*;

use super::script::config;
use crate::barrier::gate::GateKey;
use crate::barrier::{Journal, Origin, ReplayBarrier, Resolution};
use crate::identity::OperationId;
use crate::operation_key::OperationKey;

/// A context that ended at this time, after the steps inside it; the service has not recorded its result.
#[derive(Clone, Debug)]
struct Rebuilt {
    ended: i64,
    inner: Vec<i64>,
}

/// The result of a step, or that of a context after those of the steps inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    at: i64,
    id: OperationId,
}

fn rebuilt() -> impl Strategy<Value = Rebuilt> {
    (0_i64..6, vec(0_i64..6, 0..4)).prop_map(|(ended, inner)| {
        let inner = inner.into_iter().map(|at| at.min(ended)).collect();
        Rebuilt { ended, inner }
    })
}

fn id(context: Option<OperationId>, kind: &str, number: usize) -> OperationId {
    OperationId::derive(context, kind, &number.to_string(), 0)
}

fn record(id: OperationId, parent: Option<OperationId>, at: i64) -> Operation {
    let operation_type = if parent.is_some() { OperationType::Step } else { OperationType::Context };
    let mut record = Operation::new(id.to_string(), operation_type, OperationStatus::Succeeded);
    record.parent_id = parent.map(Into::into);
    record.start_timestamp = Some(Timestamp::EPOCH);
    record.end_timestamp = Some(Timestamp::from_millis(at));
    record
}

/// Replays the contexts, each of which is rebuilt when the steps inside it have been delivered, beside some steps.
/// Returns what was delivered, in order.
fn replay(contexts: &[Rebuilt], steps: &[i64]) -> Vec<Place> {
    let root = |number| id(None, sub_type::RUN_IN_CHILD_CONTEXT, number);
    let mut journal = Journal::new("run".into());
    for (number, context) in contexts.iter().enumerate() {
        let inner =
            |(at, inner)| record(id(Some(root(number)), sub_type::STEP, inner), Some(root(number)), at);
        journal.extend(vec![record(root(number), None, context.ended)]);
        journal.extend(context.inner.iter().copied().zip(0..).map(inner).collect());
    }
    let step = |number| id(None, sub_type::STEP, number);
    journal.extend(steps.iter().zip(0..).map(|(at, number)| record(step(number), None, *at)).collect());
    let mut barrier = ReplayBarrier::new(journal, Resolution::new(Duration::from_millis(1)));
    let root_gate = barrier.open_gate(None, None, false);
    assert_eq!(root_gate, GateKey::ROOT);
    let ended = |at| (Origin::Checkpoint, Some(Timestamp::from_millis(at)));
    let mut places: Vec<(OperationKey, Place, Option<usize>)> = Vec::new();
    let mut left = Vec::new();
    for (number, context) in contexts.iter().enumerate() {
        let (key, _) = barrier.claim(root_gate, root(number), root(number).into(), false);
        barrier.handle_rebuilding(key, Timestamp::from_millis(context.ended));
        places.push((key, Place { at: context.ended, id: root(number) }, None));
        let gate = barrier.open_gate(Some(root(number)), Some(root_gate), true);
        for (inner, at) in context.inner.iter().enumerate() {
            let inner = id(Some(root(number)), sub_type::STEP, inner);
            let (key, _) = barrier.claim(gate, inner, inner.into(), false);
            barrier.handle_settled(key, ended(*at), ());
            places.push((key, Place { at: *at, id: inner }, Some(number)));
        }
        left.push((key, context.inner.len()));
    }
    for (number, at) in steps.iter().enumerate() {
        let (key, _) = barrier.claim(root_gate, step(number), step(number).into(), false);
        barrier.handle_settled(key, ended(*at), ());
        places.push((key, Place { at: *at, id: step(number) }, None));
    }
    let mut delivered = Vec::new();
    loop {
        if let Some(delivery) = barrier.deliver() {
            let (_, place, context) = places.iter().find(|(key, ..)| *key == delivery.key).unwrap();
            assert_eq!(barrier.poll(delivery.key), Some(()));
            delivered.push(place.clone());
            if let Some(context) = context {
                left[*context].1 -= 1;
            }
        } else if let Some(number) = left.iter().position(|(_, inner)| *inner == 0) {
            // The body takes its time after its last operation, so it ends when nothing else can be delivered.
            left[number].1 = usize::MAX;
            barrier.handle_settled(left[number].0, ended(contexts[number].ended), ());
        } else {
            return delivered;
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn results_that_are_rebuilt_are_delivered_in_their_places_however_long_that_takes(
        contexts in vec(rebuilt(), 0..4),
        steps in vec(0_i64..6, 0..6),
    ) {
        let delivered = replay(&contexts, &steps);

        let is_inner = |place: &Place| {
            contexts.iter().enumerate().any(|(number, context)| {
                let parent = id(None, sub_type::RUN_IN_CHILD_CONTEXT, number);
                (0..context.inner.len()).any(|inner| id(Some(parent), sub_type::STEP, inner) == place.id)
            })
        };
        let inner: usize = contexts.iter().map(|context| context.inner.len()).sum();
        let of_handler: Vec<_> = delivered.iter().filter(|place| !is_inner(place)).collect();
        prop_assert_eq!(delivered.len(), contexts.len() + steps.len() + inner);
        prop_assert!(of_handler.is_sorted(), "{:?}", of_handler);
    }
}
