//! Random sequences of calls to the barrier, and what was recorded before them.

use std::time::Duration;

use durable_types::{Operation, OperationStatus, OperationType, StepDetails, Timestamp, sub_type};
use proptest::prelude::*;

use crate::barrier::{Origin, Placement, Resolution, ResultOrder};
use crate::identity::OperationId;

/// How many operations a script is about: half of them at the top level, half in a child context.
pub(super) const OPERATIONS: usize = 10;

/// Two milliseconds, so that a time is not taken for a unit.
const MILLIS_PER_UNIT: i64 = 2;

/// What was recorded before, and what is called.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) recorded: [Recorded; OPERATIONS],
    /// The places that are recorded for some results.
    pub(super) places: Vec<Place>,
    pub(super) calls: Vec<Call>,
    pub(super) is_by_name: bool,
    /// Whether the end of the child context is recorded.
    pub(super) is_rebuilding: bool,
}

/// What an earlier invocation recorded of an operation, with times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recorded {
    Nothing,
    /// That it began.
    Started(i64),
    /// That it began and ended.
    Ended(i64, i64),
}

/// A recorded place: this many places after that of a result of the operation which was recorded in this unit of time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    operation: usize,
    result: u32,
    unit: i64,
    after: u32,
}

/// A call. A number picks one of the operations that the call is possible for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Call {
    /// Claims an operation for the first time.
    Claim(usize),
    /// Claims it once more, as no engine would, and drops that.
    ClaimAgain(usize),
    Poll(usize),
    /// The service can end the operation, but not before this time, if that is known.
    Expect(usize, Option<i64>),
    /// The operation ended at this time, if that is known.
    Settle(usize, Option<i64>),
    /// The operation, whose result was consumed, can have another.
    Reopen(usize),
    Release(usize),
    /// The handler comes to rest: a result is granted or delivered.
    Rest,
    /// Nothing can move, but something else may wake the handler.
    Stall {
        may_wake: bool,
    },
    /// Time passes, in milliseconds.
    Pass(i64),
    /// A response arrives whose request was sent in a later unit of time than everything that has been read.
    Complete,
    /// Could the result of the operation tie, if it is recorded now? It may be that of the child context.
    Ask {
        pick: usize,
        is_context: bool,
    },
}

impl Script {
    /// The gate of an operation: 0 at the top level, 1 in the child context.
    pub(super) fn gate(operation: usize) -> usize {
        operation / (OPERATIONS / 2)
    }

    /// What ends an operation.
    pub(super) fn origin(operation: usize) -> Origin {
        if operation.is_multiple_of(2) { Origin::Checkpoint } else { Origin::Service }
    }

    /// The id of an operation. Ids are neither in the order of the numbers nor in that of the gates.
    pub(super) fn id(operation: usize) -> OperationId {
        OperationId::parse(&format!("{}-operation-of-a-scriA", operation * 7 % OPERATIONS)).unwrap()
    }

    pub(super) fn context() -> OperationId {
        OperationId::parse("the-context-of-scriptA").unwrap()
    }

    pub(super) fn resolution() -> Resolution {
        Resolution::new(Duration::from_millis(MILLIS_PER_UNIT.unsigned_abs()))
    }

    /// The unit of time that a time lies in.
    pub(super) fn unit(at: i64) -> i64 {
        at.div_euclid(MILLIS_PER_UNIT)
    }

    /// The place of a result that ended at this time; none if neither that nor the place is known.
    pub(super) fn place(&self, operation: usize, result: u32, at: Option<i64>) -> Option<ResultOrder> {
        let is_of_result = |place: &&Place| (place.operation, place.result) == (operation, result);
        let recorded = self.places.iter().rev().find(is_of_result).map(Place::order);
        recorded.or_else(|| Some(Self::recorded_in(Self::unit(at?), operation)))
    }

    /// The place of a result of an operation that was recorded in this unit of time.
    pub(super) fn recorded_in(unit: i64, operation: usize) -> ResultOrder {
        ResultOrder::recorded(unit, Self::origin(operation), Self::id(operation).into())
    }

    /// When an operation began, if that is recorded.
    pub(super) fn began(&self, operation: usize) -> Option<i64> {
        match self.recorded[operation] {
            Recorded::Nothing => None,
            Recorded::Started(began) | Recorded::Ended(began, _) => Some(began),
        }
    }

    /// When an operation ended, if that is recorded.
    pub(super) fn ended(&self, operation: usize) -> Option<i64> {
        match self.recorded[operation] {
            Recorded::Nothing | Recorded::Started(_) => None,
            Recorded::Ended(_, ended) => Some(ended),
        }
    }

    /// All records, in the order in which they began, as the service lists them.
    pub(super) fn records(&self) -> Vec<Operation> {
        let mut records: Vec<_> = (0..OPERATIONS)
            .filter_map(|operation| Some(record(operation, self.began(operation)?, self.ended(operation))))
            .collect();
        records.sort_by_key(|record| record.start_timestamp);
        records.extend(self.places.iter().map(Place::record));
        records
    }
}

impl Place {
    fn order(&self) -> ResultOrder {
        let recorded = Script::recorded_in(self.unit, self.operation);
        (0..self.after).fold(recorded, |order, _| order.after(order.tie()))
    }

    fn record(&self) -> Operation {
        let id = Placement::marker_id(Script::id(self.operation), self.result);
        let mut record = Operation::new(id.to_string(), OperationType::Step, OperationStatus::Succeeded);
        record.sub_type = Some(sub_type::RESULT_ORDER.to_owned());
        let result = Some(self.order().to_text());
        record.step_details = Some(Box::new(StepDetails { result, ..StepDetails::default() }));
        record
    }
}

/// The record of an operation, whose name is its number.
pub(super) fn record(operation: usize, began: i64, ended: Option<i64>) -> Operation {
    let status = if ended.is_some() { OperationStatus::Succeeded } else { OperationStatus::Started };
    let mut record = Operation::new(Script::id(operation).to_string(), OperationType::Step, status);
    record.parent_id = (Script::gate(operation) == 1).then(|| Script::context().to_string());
    record.name = Some(operation.to_string());
    record.start_timestamp = Some(Timestamp::from_millis(began));
    record.end_timestamp = ended.map(Timestamp::from_millis);
    record
}

/// Runs more cases than usual, as scripts cost little, and some of what they are about is rare.
pub(super) fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.saturating_mul(4), failure_persistence: None, ..usual }
}

/// Scripts in which most calls find something to do. Numbers are mapped to calls, as a choice of strategies for each call
/// would take most of the time of a test.
pub(super) fn scripts() -> impl Strategy<Value = Script> {
    (
        prop::array::uniform10(records()),
        prop::collection::vec(places(), 0..3),
        prop::collection::vec((0..OPERATIONS).prop_map(Call::Claim), 0..OPERATIONS),
        prop::collection::vec(calls(), 0..100),
        0..10_u8,
    )
        .prop_map(|(recorded, places, claims, calls, mode)| Script {
            recorded,
            places,
            calls: claims.into_iter().chain(calls).collect(),
            is_by_name: mode == 9,
            is_rebuilding: mode == 8,
        })
}

fn records() -> impl Strategy<Value = Recorded> {
    (0..6_u8, 0..3_i64, 0..5_i64).prop_map(|(kind, began, took)| match kind {
        0..2 => Recorded::Nothing,
        2 => Recorded::Started(began),
        _ => Recorded::Ended(began, began + took),
    })
}

fn places() -> impl Strategy<Value = Place> {
    (0..OPERATIONS, 0..2_u32, 0..4_i64, 1..3_u32).prop_map(|(operation, result, unit, after)| Place {
        operation,
        result,
        unit,
        after,
    })
}

fn calls() -> impl Strategy<Value = Call> {
    (0..48_u8, 0..OPERATIONS, 1..9_i64, any::<bool>()).prop_map(|(kind, pick, number, flag)| {
        let time = (number > 1).then_some(number);
        match kind {
            0..6 => Call::Claim(pick),
            6 => Call::ClaimAgain(pick),
            7..15 => Call::Poll(pick),
            15..20 => Call::Expect(pick, time.map(|time| 3 * time - 8)),
            20..26 => Call::Settle(pick, time),
            26..28 => Call::Reopen(pick),
            28..31 => Call::Release(pick),
            31..40 => Call::Rest,
            40..42 => Call::Stall { may_wake: flag },
            42 => Call::Pass(number * 500),
            43..45 => Call::Complete,
            _ => Call::Ask { pick, is_context: flag },
        }
    })
}
