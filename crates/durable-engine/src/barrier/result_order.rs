//! Where a result stands in the one order in which the handler receives results.

use crate::identity::OperationId;

/// The place of a result in the one order of results: by the unit of time in which the service recorded it, then by
/// operation id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResultOrder {
    at: i64,
    /// Zero as recorded; more for results that arrived after later ones had been delivered.
    rank: u32,
    id: OperationId,
}

impl ResultOrder {
    /// The place of a result that the service recorded in this unit of time.
    pub(super) fn recorded(at: i64, id: OperationId) -> Self {
        Self { at, rank: 0, id }
    }

    /// The place right after another result.
    pub(crate) fn after(self, id: OperationId) -> Self {
        Self { at: self.at, rank: self.rank.saturating_add(1), id }
    }

    /// The place of the first result of all.
    pub(crate) fn first(id: OperationId) -> Self {
        Self { at: i64::MIN, rank: 0, id }
    }

    pub(crate) fn id(&self) -> OperationId {
        self.id
    }

    /// The unit of time.
    pub(super) fn at(&self) -> i64 {
        self.at
    }

    /// Reads the place of a result of this operation from a decision; none if no engine wrote it.
    pub(crate) fn parse(text: &str, id: OperationId) -> Option<Self> {
        let (at, rank) = text.split_once('+')?;
        Some(Self { at: at.parse().ok()?, rank: rank.parse().ok()?, id })
    }

    /// The text that [`parse`](Self::parse) reads, without the id.
    pub(crate) fn to_text(self) -> String {
        format!("{}+{}", self.at, self.rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_one_unit_of_time_are_ordered_by_id() {
        let [a, b] = ["a", "b"].map(|name| OperationId::derive(None, "Step", name, 0));

        assert_eq!(ResultOrder::recorded(1, a).cmp(&ResultOrder::recorded(1, b)), a.cmp(&b));
        assert!(ResultOrder::recorded(1, a.max(b)) < ResultOrder::recorded(2, a.min(b)));
    }

    #[test]
    fn a_late_result_stands_between_the_one_before_and_those_of_the_next_unit() {
        let [a, b] = ["a", "b"].map(|name| OperationId::derive(None, "Step", name, 0));
        let delivered = ResultOrder::recorded(7, a);

        let late = delivered.after(b);

        assert!(delivered < late && late < ResultOrder::recorded(8, a));
        assert_eq!(ResultOrder::parse(&late.to_text(), b), Some(late));
    }
}
