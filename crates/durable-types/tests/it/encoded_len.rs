//! The size of an update, told before it is encoded.

use durable_types::{ErrorObject, OperationType, OperationUpdate};
use proptest::prelude::*;

use crate::arbitrary::update;

/// Numbers count as the longest that fit, and there is a comma too many in each structure.
const SLACK: usize = 128;

fn encoded_len(update: &OperationUpdate) -> usize {
    serde_json::to_string(update).unwrap().len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_bound_is_never_too_small_and_hardly_too_large(update in update()) {
        let actual = encoded_len(&update);
        let bound = update.encoded_len_bound();

        // The comma that separates updates in a list belongs to the update.
        prop_assert!(bound > actual, "{bound} for {actual}");
        prop_assert!(bound <= actual + SLACK, "{bound} for {actual}");
    }
}

#[test]
fn a_large_payload_is_counted_with_its_escapes() {
    let payload = "{\"line\":\"a\\nb\"}\n\u{1}ä".repeat(10_000);
    let update = OperationUpdate::succeed("charge-1", OperationType::Step, Some(payload));

    let excess = update.encoded_len_bound() - encoded_len(&update);

    assert!(excess < 8, "{excess}");
}

#[test]
fn every_frame_of_a_stack_is_counted() {
    let mut error = ErrorObject::default();
    error.stack_trace = Some(vec!["\tcharge".to_owned(); 1_000]);
    let update = OperationUpdate::fail("charge-1", OperationType::Step, error);

    let excess = update.encoded_len_bound() - encoded_len(&update);

    assert!((1..8).contains(&excess), "{excess}");
}

#[test]
fn the_largest_numbers_fit() {
    let update = OperationUpdate::retry_with_error(
        "charge-1",
        OperationType::Step,
        ErrorObject::new("PaymentError", "declined"),
        Some(u64::MAX),
    )
    .with_wait_options(u64::MAX)
    .with_callback_options(Some(u64::MAX), Some(u64::MAX));

    assert!(update.encoded_len_bound() > encoded_len(&update));
}
