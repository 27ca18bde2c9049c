//! The place of a result in the one order in which the handler receives results.

use durable_types::sub_type;

use crate::identity::OperationId;

/// The places ahead of a unit of time for results inside contexts that ended in it, by their depth. It exceeds the
/// maximum nesting depth of contexts.
const PLACES_AHEAD: i64 = 128;

/// The place of a result in the one order of results: by the unit of time in which the service recorded it, then by its
/// [origin](Origin), then by its [tie breaker](Tie).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResultOrder {
    /// The unit of time in places, or less for results [inside](Self::inside) a context.
    at: i64,
    /// The rank of the recorded origin; higher for results that arrived after later ones had been delivered.
    rank: u32,
    tie: Tie,
}

/// Orders the results of one unit of time: by operation id, and items of a batch by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tie {
    group: OperationId,
    index: u32,
}

impl Tie {
    /// Returns the tie breaker of an item of this batch.
    pub(crate) fn item(batch: OperationId, index: u32) -> Self {
        Self { group: batch, index }
    }
}

impl From<OperationId> for Tie {
    fn from(id: OperationId) -> Self {
        Self { group: id, index: 0 }
    }
}

/// What recorded a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A checkpoint of this SDK, which is sent late enough not to tie with a result that was already delivered.
    Checkpoint,
    /// The service itself, at any time: the end of a wait, the answer to a callback.
    ///
    /// This can still happen in the unit of time of a checkpoint whose response was delivered, so it comes after that.
    Service,
}

impl Origin {
    fn rank(self) -> u32 {
        match self {
            Self::Checkpoint => 0,
            Self::Service => 1 << 31,
        }
    }
}

/// A place that has to be recorded, because the record of the result does not show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placement {
    /// The operation.
    pub(crate) id: OperationId,
    /// The number of the result within the operation: a callback has two, its id and its answer.
    pub(crate) result: u32,
    pub(crate) order: ResultOrder,
}

impl Placement {
    /// Returns the id of the marker that records the place of this result of an operation.
    pub(crate) fn marker_id(id: OperationId, result: u32) -> OperationId {
        OperationId::derive(Some(id), sub_type::RESULT_ORDER, "", result)
    }
}

impl ResultOrder {
    /// Returns the place of a result that was recorded in this unit of time.
    pub(super) fn recorded(at: i64, origin: Origin, tie: Tie) -> Self {
        Self { at: at.saturating_mul(PLACES_AHEAD), rank: origin.rank(), tie }
    }

    /// Returns the place of the same result inside as many contexts that ended in the same unit of time and are being
    /// rebuilt: it precedes their ends, and its order relative to other results inside the same contexts is kept.
    pub(super) fn inside(self, contexts: usize) -> Self {
        let ahead = i64::try_from(contexts).unwrap_or(i64::MAX).min(PLACES_AHEAD - 1);
        Self { at: self.at.saturating_sub(ahead), ..self }
    }

    /// Returns the place right after another result.
    pub(super) fn after(self, tie: Tie) -> Self {
        Self { at: self.at, rank: self.rank.saturating_add(1), tie }
    }

    /// Returns the place of the very first result.
    pub(super) fn first(tie: Tie) -> Self {
        Self { at: i64::MIN, rank: 0, tie }
    }

    /// Returns the unit of time.
    pub(super) fn at(&self) -> i64 {
        self.at.saturating_add(PLACES_AHEAD - 1).div_euclid(PLACES_AHEAD)
    }

    /// Returns whether the service itself recorded the result, rather than a checkpoint.
    pub(super) fn is_of_service(&self) -> bool {
        self.rank >= Origin::Service.rank()
    }

    pub(super) fn tie(&self) -> Tie {
        self.tie
    }

    /// Parses a place from the record of a marker. Returns `None` if no engine wrote it.
    pub(super) fn parse(text: &str) -> Option<impl Fn(Tie) -> Self + use<>> {
        let (at, rank) = text.split_once('+')?;
        let (unit, ahead) = at.split_once('.').unwrap_or((at, "0"));
        let (unit, ahead): (i64, i64) = (unit.parse().ok()?, ahead.parse().ok()?);
        let (at, rank) = (unit.saturating_mul(PLACES_AHEAD).saturating_sub(ahead), rank.parse().ok()?);
        Some(move |tie| Self { at, rank, tie })
    }

    /// Returns the text that [`parse`](Self::parse) reads.
    pub(crate) fn to_text(self) -> String {
        let unit = self.at();
        match unit.saturating_mul(PLACES_AHEAD).saturating_sub(self.at) {
            0 => format!("{unit}+{}", self.rank),
            ahead => format!("{unit}.{ahead}+{}", self.rank),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> [OperationId; 2] {
        ["a", "b"].map(|name| OperationId::derive(None, "Step", name, 0))
    }

    #[test]
    fn results_of_one_unit_of_time_are_ordered_by_id() {
        let [a, b] = ids();
        for origin in [Origin::Checkpoint, Origin::Service] {
            let order = |at, id: OperationId| ResultOrder::recorded(at, origin, id.into());

            assert_eq!(order(1, a).cmp(&order(1, b)), a.cmp(&b));
            assert!(order(1, a.max(b)) < order(2, a.min(b)));
        }
    }

    #[test]
    fn what_the_service_ends_stands_after_what_a_checkpoint_of_the_same_unit_ends() {
        let [a, b] = ids().map(Tie::from);
        let at = ResultOrder::recorded;

        assert!(at(1, Origin::Checkpoint, a.max(b)) < at(1, Origin::Service, a.min(b)));
        assert!(at(1, Origin::Service, a.max(b)) < at(2, Origin::Checkpoint, a.min(b)));
    }

    #[test]
    fn items_of_a_batch_that_end_together_are_ordered_by_index() {
        let [batch, _] = ids();
        let order = |index| ResultOrder::recorded(1, Origin::Checkpoint, Tie::item(batch, index));

        assert!(order(0) < order(1) && order(1) < order(10));
    }

    #[test]
    fn results_inside_a_context_stand_ahead_of_its_end_in_their_own_order() {
        let [a, b] = ids().map(Tie::from);
        let at = |at, tie| ResultOrder::recorded(at, Origin::Checkpoint, tie);

        let places = [
            at(7, a.max(b)),
            at(8, a.min(b)).inside(2),
            at(8, a.max(b)).inside(2),
            at(8, b).inside(1),
            at(8, a),
        ];

        assert!(places.is_sorted_by(|one, other| one < other));
        assert_eq!(places.map(|place| place.at()), [7, 8, 8, 8, 8]);
        for place in places {
            assert_eq!(ResultOrder::parse(&place.to_text()).unwrap()(place.tie()), place);
        }
    }

    #[test]
    fn a_late_result_stands_between_the_one_before_and_those_of_the_next_unit() {
        let [a, b] = ids().map(Tie::from);
        for origin in [Origin::Checkpoint, Origin::Service] {
            let delivered = ResultOrder::recorded(7, origin, a);

            let late = delivered.after(b);

            assert!(delivered < late && late < ResultOrder::recorded(8, Origin::Checkpoint, a));
            assert_eq!(ResultOrder::parse(&late.to_text()).unwrap()(b), late);
        }
    }
}
