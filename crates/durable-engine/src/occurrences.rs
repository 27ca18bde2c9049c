//! How often a context has claimed operations with the same subtype and name.

use crate::claim::Claimant;
use crate::fatal::Fatal;
use crate::identity::{IdMap, OperationId};

/// The numbers of claims in a context, by the id of the first claim with the same subtype and name.
///
/// That id represents both, so names are neither stored nor hashed again.
#[derive(Debug, Default)]
pub(crate) struct Occurrences {
    /// Those of the name that was claimed first. Many contexts claim no other, as items of a batch do.
    first: Option<(OperationId, Occurrence)>,
    /// Boxed, because contexts without others are common and numerous.
    others: Option<Box<IdMap<Occurrence>>>,
}

#[derive(Debug, Default)]
struct Occurrence {
    count: u32,
    /// Whether another task of the runtime made a claim, so that their order is not reproducible.
    is_unordered: bool,
}

impl Occurrences {
    /// Counts a claim and returns the number of earlier ones, or `None` if their order would not be reproducible.
    pub(crate) fn next(&mut self, first: OperationId, claimant: Claimant) -> Option<u32> {
        let (of_first, occurrence) = self.first.get_or_insert_with(|| (first, Occurrence::default()));
        let occurrence = if *of_first == first {
            occurrence
        } else {
            self.others.get_or_insert_default().entry(first).or_default()
        };
        let before = occurrence.count;
        occurrence.count = before.saturating_add(1);
        occurrence.is_unordered |= claimant == Claimant::OtherTask;
        (before == 0 || !occurrence.is_unordered).then_some(before)
    }

    /// Returns the number of claims.
    pub(crate) fn count(&self, first: OperationId) -> u32 {
        match &self.first {
            Some((of_first, occurrence)) if *of_first == first => occurrence.count,
            Some(_) | None => {
                let others = self.others.as_ref();
                others.and_then(|others| others.get(&first)).map_or(0, |occurrence| occurrence.count)
            }
        }
    }
}

/// Returns the error for a name that other tasks claim twice in one context, in an order that replay cannot reproduce.
pub(crate) fn not_reproducible(name: Option<&str>) -> Fatal {
    let name = name.map_or_else(|| "an operation without a name".to_owned(), |name| format!("`{name}`"));
    Fatal::Misuse(format!(
        "{name} was started more than once in one context by tasks of the runtime (`tokio::spawn`, `JoinSet`); their order \
         differs on replay, so give each operation a name of its own, or each task a child context"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_counted_by_subtype_and_name() {
        let mut occurrences = Occurrences::default();

        let counts = [("Step", "a"), ("Step", "a"), ("Wait", "a"), ("Step", "b"), ("Step", "a")]
            .map(|(sub_type, name)| OperationId::derive(None, sub_type, name, 0))
            .map(|first| occurrences.next(first, Claimant::Handler));

        assert_eq!(counts, [0, 1, 0, 0, 2].map(Some));
    }

    #[test]
    fn a_name_that_another_task_uses_is_used_once() {
        for claimants in [
            [Claimant::OtherTask, Claimant::Handler],
            [Claimant::Handler, Claimant::OtherTask],
            [Claimant::OtherTask, Claimant::OtherTask],
        ] {
            let mut occurrences = Occurrences::default();
            let first = OperationId::derive(None, "Step", "a", 0);

            let counts = claimants.map(|claimant| occurrences.next(first, claimant));

            assert_eq!(counts, [Some(0), None], "{claimants:?}");
        }
    }
}
