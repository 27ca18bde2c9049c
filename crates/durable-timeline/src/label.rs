//! The label of an operation: its kind and the name that the code gave it.

use std::fmt;

use durable_types::sub_type;

use crate::kind::Kind;

/// The label of an operation, such as `step charge` or `item 3`.
///
/// Names that an SDK generated are omitted: items without a name of their own are labelled by their index. Operations with
/// a subtype of the user's own are called by that subtype.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Label<'a> {
    /// The word for the kind of the operation.
    pub word: &'a str,
    /// The name that the code gave the operation.
    pub name: Option<&'a str>,
    /// The index of an item that has no name.
    pub index: Option<usize>,
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)?;
        match (self.name, self.index) {
            (Some(name), _) => write!(f, " {name}"),
            (None, Some(index)) => write!(f, " {index}"),
            (None, None) => Ok(()),
        }
    }
}

/// Returns the word for an operation: that of its kind, unless the user gave it a subtype of its own.
pub(crate) fn word(kind: Kind, sub_type: Option<&str>) -> &str {
    match (kind, sub_type) {
        (Kind::Step | Kind::Context | Kind::Callback, Some(sub_type)) if !is_known(sub_type) => sub_type,
        (kind, _) => kind.word(),
    }
}

/// Returns the index in the name that an SDK generated for an item: `map-item-3` and `parallel-branch-3` (JavaScript and
/// Python), `map-iteration-3` or the name of the map followed by `-iteration-3` (Java).
pub(crate) fn generated_index(name: &str, batch: Option<&str>) -> Option<usize> {
    let (stem, number) = name.rsplit_once('-')?;
    let of_batch = || batch.is_some_and(|batch| stem.strip_suffix("-iteration") == Some(batch));
    let is_generated = matches!(stem, "map-item" | "parallel-branch" | "map-iteration") || of_batch();
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    if is_generated && is_number { number.parse().ok() } else { None }
}

/// Returns whether the SDK for Python or Java named a callback or a submitter after the wait for a callback that contains
/// it.
pub(crate) fn is_part_of(wait: &str, name: &str) -> bool {
    let suffix = name.strip_prefix(wait).unwrap_or_default();
    matches!(suffix, " create callback id" | " submitter" | "-callback" | "-submitter")
}

fn is_known(sub_type: &str) -> bool {
    matches!(
        sub_type,
        "" | sub_type::STEP
            | sub_type::WAIT_FOR_CONDITION
            | sub_type::WAIT
            | sub_type::CALLBACK
            | sub_type::CHAINED_INVOKE
            | sub_type::RUN_IN_CHILD_CONTEXT
            | sub_type::WAIT_FOR_CALLBACK
            | sub_type::MAP
            | sub_type::MAP_ITERATION
            | sub_type::PARALLEL
            | sub_type::PARALLEL_BRANCH
            | sub_type::WITH_RETRY
            | sub_type::SAGA
            | sub_type::PATCH
            | sub_type::RACE
            | sub_type::TRY_JOIN
            | sub_type::NOW
            | sub_type::RESULT_ORDER
            | sub_type::OTHER_TASKS
            | sub_type::SUSPENSION
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_the_kind_and_the_operation() {
        let label = |name, index| Label { word: "item", name, index }.to_string();

        assert_eq!(label(Some("parcel-7"), Some(3)), "item parcel-7");
        assert_eq!(label(None, Some(3)), "item 3");
        assert_eq!(label(None, None), "item");
    }

    #[test]
    fn names_that_sdks_generate_for_items_are_their_index() {
        assert_eq!(generated_index("map-item-3", Some("ship")), Some(3));
        assert_eq!(generated_index("parallel-branch-12", None), Some(12));
        assert_eq!(generated_index("map-iteration-0", None), Some(0));
        assert_eq!(generated_index("ship-iteration-4", Some("ship")), Some(4));
        for given in ["parcel-7", "ship-iteration-4", "map-item-", "map-item-x", "map-item-+1", "7", ""] {
            assert_eq!(generated_index(given, Some("other")), None, "{given}");
        }
    }

    #[test]
    fn names_that_sdks_generate_within_a_wait_for_a_callback_are_recognized() {
        assert!(is_part_of("approve", "approve create callback id"));
        assert!(is_part_of("approve", "approve submitter"));
        assert!(is_part_of("approve", "approve-submitter"));
        assert!(!is_part_of("approve", "approve"));
        assert!(!is_part_of("approve", "other submitter"));
    }

    #[test]
    fn an_operation_is_called_by_a_subtype_of_the_users_own() {
        assert_eq!(word(Kind::Context, Some("Shipment")), "Shipment");
        assert_eq!(word(Kind::Context, Some(sub_type::RUN_IN_CHILD_CONTEXT)), "context");
        assert_eq!(word(Kind::Compensation, Some(sub_type::STEP)), "compensation");
        assert_eq!(word(Kind::Saga, Some(sub_type::SAGA)), "saga");
        assert_eq!(word(Kind::Step, None), "step");
    }
}
