//! Explains how the code of an execution and its recorded history diverge.
//!
//! The explanation is a guess: the history contains what an earlier version of the code requested up to its last
//! checkpoint, and the handler has stopped at the first operations that do not match. The report states what is
//! certain, namely which operation was expected and which one the code requested, and names the change that explains
//! the pair best.

use std::fmt;

use durable_types::{Operation, OperationType, sub_type};

/// The maximum number of operations that a report lists.
const LISTED: usize = 8;

const ADVICE: &str = "to change code that executions in flight replay, guard the change with `patched`, opt in to \
                      `replay_by_name`, or let executions finish on the version that they started with";

/// An operation that the code requested.
pub(crate) struct Named<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) sub_type: &'a str,
}

/// Reports how the recorded operations of a context that the code did not request differ from the requested ones that
/// are not recorded, each in order.
pub(crate) fn report<'a>(
    unclaimed: impl Iterator<Item = &'a Operation>,
    waiting: impl Iterator<Item = Named<'a>>,
) -> String {
    let recorded = unclaimed.map(Entry::recorded).collect();
    let claimed = waiting.map(|Named { name, sub_type }| Entry::claimed(name, sub_type)).collect();
    Divergence::between(recorded, claimed).to_string()
}

/// Reports that the record under an id is not the operation that the code requested under it.
pub(crate) fn mismatch(claimed: &Named<'_>, claimed_type: &OperationType, recorded: &Operation) -> String {
    let claimed =
        Entry { operation_type: claimed_type.clone(), ..Entry::claimed(claimed.name, claimed.sub_type) };
    Divergence::between(vec![Entry::recorded(recorded)], vec![claimed]).to_string()
}

/// An operation of either side, as the report names it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry<'a> {
    operation_type: OperationType,
    /// `None` for a record without one, which another SDK wrote.
    sub_type: Option<&'a str>,
    name: Option<&'a str>,
}

impl<'a> Entry<'a> {
    fn recorded(operation: &'a Operation) -> Self {
        Self {
            operation_type: operation.operation_type.clone(),
            sub_type: operation.sub_type.as_deref(),
            name: operation.name.as_deref(),
        }
    }

    fn claimed(name: Option<&'a str>, sub_type: &'a str) -> Self {
        Self { operation_type: type_of(sub_type), sub_type: Some(sub_type), name }
    }

    fn has_kind_of(&self, other: &Self) -> bool {
        let (own, others) = (self.sub_type.unwrap_or_default(), other.sub_type.unwrap_or_default());
        self.operation_type == other.operation_type && (own == others || own.is_empty() || others.is_empty())
    }

    fn has_name_of(&self, other: &Self) -> bool {
        self.name == other.name
    }

    /// Returns whether it is an item of a map or a branch of a parallel, whose identity is its index.
    fn is_indexed(&self) -> bool {
        matches!(self.sub_type, Some(sub_type::MAP_ITERATION | sub_type::PARALLEL_BRANCH))
    }
}

/// Returns the operation type of a subtype. Those not listed here are contexts.
fn type_of(sub_type: &str) -> OperationType {
    match sub_type {
        sub_type::STEP
        | sub_type::WAIT_FOR_CONDITION
        | sub_type::PATCH
        | sub_type::RACE
        | sub_type::TRY_JOIN
        | sub_type::NOW => OperationType::Step,
        sub_type::WAIT => OperationType::Wait,
        sub_type::CALLBACK => OperationType::Callback,
        sub_type::CHAINED_INVOKE => OperationType::ChainedInvoke,
        _ => OperationType::Context,
    }
}

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation_type.as_str())?;
        // The subtype is more specific if the type has several of them.
        if let Some(sub_type) = self.sub_type
            && !matches!(
                sub_type,
                sub_type::STEP | sub_type::WAIT | sub_type::CALLBACK | sub_type::CHAINED_INVOKE
            )
        {
            write!(f, " ({sub_type})")?;
        }
        match self.name {
            Some(name) => write!(f, " `{name}`"),
            None => f.write_str(" without a name"),
        }
    }
}

/// How an operation changed between the version of the code that recorded it and the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// The current code requests an additional operation.
    Added,
    /// The current code no longer requests the operation.
    Removed,
    /// The name has changed.
    Renamed,
    /// The type or subtype has changed.
    Retyped,
    /// Both request it, at different positions.
    Reordered,
}

/// One difference between the two sides.
#[derive(Debug, PartialEq, Eq)]
struct Difference<'a> {
    change: Change,
    expected: Option<Entry<'a>>,
    got: Option<Entry<'a>>,
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { change, expected, got } = self;
        match expected {
            Some(expected) => write!(f, "expected {expected}, ")?,
            None => f.write_str("expected nothing more, ")?,
        }
        match got {
            Some(got) => write!(f, "got {got} ")?,
            None => f.write_str("got nothing ")?,
        }
        match (change, expected) {
            (Change::Added, Some(expected)) => write!(f, "(added, or {expected} was removed)"),
            (Change::Added, None) => f.write_str("(added)"),
            (Change::Removed, _) => f.write_str("(removed)"),
            (Change::Renamed, Some(item)) if item.is_indexed() => f.write_str("(renamed or reordered)"),
            (Change::Renamed, _) => f.write_str("(renamed)"),
            (Change::Retyped, _) => f.write_str("(retyped)"),
            (Change::Reordered, _) => f.write_str("(reordered)"),
        }
    }
}

/// The differences between code and history.
#[derive(Debug, PartialEq, Eq)]
struct Divergence<'a> {
    /// In the order in which the code requested the operations.
    differences: Vec<Difference<'a>>,
    /// Recorded operations after those, which the code may still request.
    not_reached: Vec<Entry<'a>>,
}

/// An operation that the code requested, with the record that explains it and the position of that record, if any.
struct Claim<'a> {
    claimed: Entry<'a>,
    explanation: Option<(Change, usize, Entry<'a>)>,
}

/// Returns whether a change leads from a record to the requested operation.
type Explains = fn(&Entry<'_>, &Entry<'_>) -> bool;

/// The changes that preserve part of an operation, beginning with the one that preserves most.
const CHANGES: [(Change, Explains); 4] = [
    (Change::Reordered, |recorded, claimed| recorded.has_kind_of(claimed) && recorded.has_name_of(claimed)),
    (Change::Retyped, |recorded, claimed| recorded.name.is_some() && recorded.has_name_of(claimed)),
    (Change::Renamed, |recorded, claimed| recorded.has_kind_of(claimed)),
    (Change::Retyped, |recorded, claimed| recorded.has_name_of(claimed)),
];

impl<'a> Divergence<'a> {
    /// Explains unclaimed recorded operations by requested operations that are not recorded.
    fn between(recorded: Vec<Entry<'a>>, claimed: Vec<Entry<'a>>) -> Self {
        let is_at_end = claimed.is_empty();
        let mut recorded: Vec<_> = recorded.into_iter().enumerate().collect();
        let mut claims: Vec<_> =
            claimed.into_iter().map(|claimed| Claim { claimed, explanation: None }).collect();
        for (change, explains) in CHANGES {
            for claim in claims.iter_mut().filter(|claim| claim.explanation.is_none()) {
                let found = recorded.iter().position(|(_, recorded)| explains(recorded, &claim.claimed));
                claim.explanation = found.map(|found| {
                    let (place, recorded) = recorded.remove(found);
                    (change, place, recorded)
                });
            }
        }
        let mut reordered = reordered(&claims).into_iter();
        let mut rest = recorded.into_iter().map(|(_, recorded)| recorded);
        let difference = |Claim { claimed, explanation }| {
            let (change, expected) = match explanation {
                Some((Change::Reordered, ..)) => (Change::Reordered, reordered.next()),
                Some((change, _, recorded)) => (change, Some(recorded)),
                None => (Change::Added, rest.next()),
            };
            Difference { change, expected, got: Some(claimed) }
        };
        let mut differences: Vec<_> = claims.into_iter().map(difference).collect();
        let mut not_reached: Vec<_> = rest.collect();
        if is_at_end {
            let removed =
                |expected| Difference { change: Change::Removed, expected: Some(expected), got: None };
            differences.extend(not_reached.drain(..).map(removed));
        }
        Self { differences, not_reached }
    }
}

/// Returns the reordered operations in the order of their records, which is the order expected of the code.
fn reordered<'a>(claims: &[Claim<'a>]) -> Vec<Entry<'a>> {
    let record = |claim: &Claim<'a>| match &claim.explanation {
        Some((Change::Reordered, place, recorded)) => Some((*place, recorded.clone())),
        Some(_) | None => None,
    };
    let mut records: Vec<_> = claims.iter().filter_map(record).collect();
    records.sort_by_key(|(place, _)| *place);
    records.into_iter().map(|(_, recorded)| recorded).collect()
}

impl fmt::Display for Divergence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the code diverges from the recorded history: ")?;
        list(f, &self.differences, "; ")?;
        if !self.not_reached.is_empty() {
            f.write_str("; not reached: ")?;
            list(f, &self.not_reached, ", ")?;
        }
        write!(f, "; {ADVICE}")
    }
}

/// Writes the first few of them, and the number of the others.
fn list(f: &mut fmt::Formatter<'_>, all: &[impl fmt::Display], separator: &str) -> fmt::Result {
    for (place, one) in all.iter().take(LISTED).enumerate() {
        f.write_str(if place == 0 { "" } else { separator })?;
        one.fmt(f)?;
    }
    match all.len().saturating_sub(LISTED) {
        0 => Ok(()),
        more => write!(f, "{separator}{more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str) -> Entry<'_> {
        Entry::claimed(Some(name), sub_type::STEP)
    }

    fn wait(name: &str) -> Entry<'_> {
        Entry::claimed(Some(name), sub_type::WAIT)
    }

    fn changes<'a>(
        recorded: &[Entry<'a>],
        claimed: &[Entry<'a>],
    ) -> Vec<(Change, Option<Entry<'a>>, Option<Entry<'a>>)> {
        let divergence = Divergence::between(recorded.to_vec(), claimed.to_vec());
        divergence.differences.into_iter().map(|it| (it.change, it.expected, it.got)).collect()
    }

    fn text(recorded: &[Entry<'_>], claimed: &[Entry<'_>]) -> String {
        let text = Divergence::between(recorded.to_vec(), claimed.to_vec()).to_string();
        let text = text.strip_prefix("the code diverges from the recorded history: ").unwrap();
        text.strip_suffix(&format!("; {ADVICE}")).unwrap().to_owned()
    }

    #[test]
    fn an_operation_of_the_same_name_and_another_type_is_retyped() {
        let (recorded, claimed) = ([wait("x")], [step("x")]);

        assert_eq!(changes(&recorded, &claimed), [(Change::Retyped, Some(wait("x")), Some(step("x")))]);
        assert_eq!(text(&recorded, &claimed), "expected WAIT `x`, got STEP `x` (retyped)");
    }

    #[test]
    fn an_operation_of_the_same_type_and_another_subtype_is_retyped() {
        let condition = Entry::claimed(Some("x"), sub_type::WAIT_FOR_CONDITION);

        let text = text(&[step("x")], &[condition]);

        assert_eq!(text, "expected STEP `x`, got STEP (WaitForCondition) `x` (retyped)");
    }

    #[test]
    fn an_operation_of_the_same_type_and_another_name_is_renamed() {
        let (recorded, claimed) = ([step("a")], [step("b")]);

        assert_eq!(changes(&recorded, &claimed), [(Change::Renamed, Some(step("a")), Some(step("b")))]);
        assert_eq!(text(&recorded, &claimed), "expected STEP `a`, got STEP `b` (renamed)");
    }

    #[test]
    fn an_operation_that_shares_nothing_with_what_was_expected_is_added_or_what_was_expected_is_removed() {
        let (recorded, claimed) = ([wait("pause")], [step("new")]);

        assert_eq!(changes(&recorded, &claimed), [(Change::Added, Some(wait("pause")), Some(step("new")))]);
        assert_eq!(
            text(&recorded, &claimed),
            "expected WAIT `pause`, got STEP `new` (added, or WAIT `pause` was removed)"
        );
    }

    #[test]
    fn an_operation_past_the_end_of_the_history_is_added() {
        let (recorded, claimed) = ([step("a")], [step("b"), wait("c")]);

        assert_eq!(
            text(&recorded, &claimed),
            "expected STEP `a`, got STEP `b` (renamed); expected nothing more, got WAIT `c` (added)"
        );
    }

    #[test]
    fn operations_that_the_code_ends_without_requesting_are_removed() {
        let recorded = [wait("pause"), step("b")];

        assert_eq!(
            changes(&recorded, &[]),
            [(Change::Removed, Some(wait("pause")), None), (Change::Removed, Some(step("b")), None)]
        );
        assert_eq!(
            text(&recorded, &[]),
            "expected WAIT `pause`, got nothing (removed); expected STEP `b`, got nothing (removed)"
        );
    }

    #[test]
    fn operations_that_come_after_what_does_not_fit_are_not_reached_rather_than_removed() {
        let recorded = [step("a"), step("b"), wait("c")];

        let text = text(&recorded, &[step("new")]);

        assert_eq!(text, "expected STEP `a`, got STEP `new` (renamed); not reached: STEP `b`, WAIT `c`");
    }

    #[test]
    fn operations_that_both_sides_have_are_reordered() {
        let (recorded, claimed) = ([step("a"), step("b"), wait("w")], [step("b"), step("a")]);

        assert_eq!(
            changes(&recorded, &claimed),
            [
                (Change::Reordered, Some(step("a")), Some(step("b"))),
                (Change::Reordered, Some(step("b")), Some(step("a"))),
            ]
        );
        assert_eq!(
            text(&recorded, &claimed),
            "expected STEP `a`, got STEP `b` (reordered); expected STEP `b`, got STEP `a` (reordered); \
             not reached: WAIT `w`"
        );
    }

    #[test]
    fn each_operation_of_a_mixture_has_the_change_that_keeps_most_of_it() {
        let recorded = [step("a"), wait("b"), step("c"), step("moved"), wait("later")];
        let claimed =
            [step("moved"), step("b"), step("d"), Entry::claimed(Some("call"), sub_type::CHAINED_INVOKE)];

        assert_eq!(
            changes(&recorded, &claimed),
            [
                (Change::Reordered, Some(step("moved")), Some(step("moved"))),
                (Change::Retyped, Some(wait("b")), Some(step("b"))),
                (Change::Renamed, Some(step("a")), Some(step("d"))),
                (
                    Change::Added,
                    Some(step("c")),
                    Some(Entry::claimed(Some("call"), sub_type::CHAINED_INVOKE))
                ),
            ]
        );
    }

    #[test]
    fn operations_without_names_are_told_apart_by_their_types() {
        let unnamed = |sub_type| Entry::claimed(None, sub_type);

        assert_eq!(
            text(&[unnamed(sub_type::WAIT)], &[unnamed(sub_type::STEP)]),
            "expected WAIT without a name, got STEP without a name (retyped)"
        );
        assert_eq!(
            text(&[unnamed(sub_type::WAIT), step("a")], &[unnamed(sub_type::STEP)]),
            "expected STEP `a`, got STEP without a name (renamed); not reached: WAIT without a name"
        );
    }

    #[test]
    fn an_item_of_another_name_at_the_same_index_may_be_reordered() {
        let item = |name| Entry::claimed(Some(name), sub_type::MAP_ITERATION);

        assert_eq!(
            text(&[item("a")], &[item("b")]),
            "expected CONTEXT (MapIteration) `a`, got CONTEXT (MapIteration) `b` (renamed or reordered)"
        );
    }

    #[test]
    fn a_record_without_a_subtype_has_the_kind_of_its_type() {
        let record = Entry { sub_type: None, ..step("a") };

        assert_eq!(text(&[record], &[step("b")]), "expected STEP `a`, got STEP `b` (renamed)");
    }

    #[test]
    fn a_long_report_lists_the_first_operations_and_counts_the_rest() {
        let recorded: Vec<_> = std::iter::repeat_n(step("a"), 12).collect();

        let text = text(&recorded, &[wait("w")]);

        assert!(text.ends_with(", STEP `a`, 3 more"), "{text}");
        assert_eq!(text.matches("`a`").count(), 2 + LISTED);
    }

    #[test]
    fn the_report_says_what_to_do_instead() {
        let text = Divergence::between(vec![wait("x")], vec![step("x")]).to_string();

        assert!(text.contains("`patched`") && text.contains("`replay_by_name`"), "{text}");
    }
}
