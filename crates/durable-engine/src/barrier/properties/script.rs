//! Random sequences of calls to the barrier, and the journal before them.

use std::time::Duration;

use durable_types::{Operation, OperationStatus, OperationType, StepDetails, Timestamp, sub_type};
use proptest::prelude::*;

use crate::barrier::{Origin, Placement, Resolution, ResultOrder};
use crate::identity::OperationId;

/// The number of operations in a script: half of them at the top level, half in a child context.
pub(super) const OPERATIONS: usize = 10;

/// Two milliseconds, so that a time is not mistaken for a unit.
const MILLIS_PER_UNIT: i64 = 2;

/// The journal and the calls.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) recorded: [Recorded; OPERATIONS],
    /// The recorded places of some results.
    pub(super) places: Vec<Place>,
    pub(super) calls: Vec<Call>,
    pub(super) is_by_name: bool,
    /// Whether the end of the child context is recorded.
    pub(super) is_rebuilding: bool,
}

/// The record of an operation from an earlier invocation, with times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recorded {
    Nothing,
    /// It started.
    Started(i64),
    /// It started and ended.
    Ended(i64, i64),
}

/// A recorded place: this many places after that of a result of the operation recorded in this unit of time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    operation: usize,
    result: u32,
    unit: i64,
    after: u32,
}

/// A call. A number picks one of the operations for which the call is possible.
#[derive(Clone, Copy, Debug)]
pub(super) enum Call {
    /// Claims an operation for the first time.
    Claim(usize),
    /// Claims it again, as no engine would, and drops that claim.
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
    /// Nothing can make progress, but something else may wake the handler.
    Stall {
        may_wake: bool,
    },
    /// Time passes, in milliseconds.
    Pass(i64),
    /// A response arrives whose request was sent in a later unit of time than everything read so far.
    Complete,
    /// Holds the newest results, or stops holding them.
    Hold(bool),
    /// Asks whether the result of the operation, or of the child context, could tie if it is recorded now.
    Ask {
        pick: usize,
        is_context: bool,
    },
}

impl Script {
    /// Returns the gate of an operation: 0 at the top level, 1 in the child context.
    pub(super) fn gate(operation: usize) -> usize {
        operation / (OPERATIONS / 2)
    }

    /// Returns what ends an operation.
    pub(super) fn origin(operation: usize) -> Origin {
        if operation.is_multiple_of(2) { Origin::Checkpoint } else { Origin::Service }
    }

    /// Returns the id of an operation. Ids are neither in the order of the numbers nor in that of the gates.
    pub(super) fn id(operation: usize) -> OperationId {
        OperationId::parse(format!("{}-operation-of-a-scriA", operation * 7 % OPERATIONS)).unwrap()
    }

    pub(super) fn context() -> OperationId {
        OperationId::parse("the-context-of-scriptA").unwrap()
    }

    pub(super) fn resolution() -> Resolution {
        Resolution::new(Duration::from_millis(MILLIS_PER_UNIT.unsigned_abs()))
    }

    /// Returns the unit of time that contains a time.
    pub(super) fn unit(at: i64) -> i64 {
        at.div_euclid(MILLIS_PER_UNIT)
    }

    /// Returns the place of a result with this time, or `None` if neither the time nor the place is known.
    pub(super) fn place(&self, operation: usize, result: u32, at: Option<i64>) -> Option<ResultOrder> {
        let is_of_result = |place: &&Place| (place.operation, place.result) == (operation, result);
        let recorded = self.places.iter().rev().find(is_of_result).map(Place::order);
        recorded.or_else(|| Some(Self::recorded_in(Self::unit(at?), operation)))
    }

    /// Returns the place of an operation's result that was recorded in this unit of time.
    pub(super) fn recorded_in(unit: i64, operation: usize) -> ResultOrder {
        ResultOrder::recorded(unit, Self::origin(operation), Self::id(operation).into())
    }

    /// Returns when an operation started, if that is recorded.
    pub(super) fn began(&self, operation: usize) -> Option<i64> {
        match self.recorded[operation] {
            Recorded::Nothing => None,
            Recorded::Started(began) | Recorded::Ended(began, _) => Some(began),
        }
    }

    /// Returns when an operation ended, if that is recorded.
    pub(super) fn ended(&self, operation: usize) -> Option<i64> {
        match self.recorded[operation] {
            Recorded::Nothing | Recorded::Started(_) => None,
            Recorded::Ended(_, ended) => Some(ended),
        }
    }

    /// Returns all records in the order in which the operations started, as the service lists them.
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
        record.sub_type = Some(sub_type::RESULT_ORDER.into());
        let result = Some(self.order().to_text());
        record.details = Some(StepDetails::new(result, None).into());
        record
    }
}

/// Returns the record of an operation, whose name is its number.
pub(super) fn record(operation: usize, began: i64, ended: Option<i64>) -> Operation {
    let status = if ended.is_some() { OperationStatus::Succeeded } else { OperationStatus::Started };
    let mut record = Operation::new(Script::id(operation).to_string(), OperationType::Step, status);
    record.parent_id = (Script::gate(operation) == 1).then(|| Script::context().to_string()).map(Into::into);
    record.name = Some(operation.to_string().into());
    record.start_timestamp = Some(Timestamp::from_millis(began));
    record.end_timestamp = ended.map(Timestamp::from_millis);
    record
}

/// Returns a configuration with more cases than usual, because scripts are cheap and some of their situations are rare.
pub(super) fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.saturating_mul(4), failure_persistence: None, ..usual }
}

/// Generates scripts in which most calls have an effect. Numbers are mapped to calls, because a choice of strategies
/// for each call would take most of the time of a test.
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
    (0..51_u8, 0..OPERATIONS, 1..9_i64, any::<bool>()).prop_map(|(kind, pick, number, flag)| {
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
            45..48 => Call::Hold(flag),
            _ => Call::Ask { pick, is_context: flag },
        }
    })
}
