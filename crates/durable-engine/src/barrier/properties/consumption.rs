//! Properties of what a future receives: its own result, once, in the order of delivery.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::model::Model;
use super::run::Event;
use super::script::{config, scripts};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_future_receives_its_own_result_and_only_after_that_was_delivered_by_itself(script in scripts()) {
        Model::check(&script, &script.run(), |model, event| {
            if let Event::Consumed { operation, value, .. } = event {
                let result = model.results.get(operation).copied().unwrap_or_default();
                prop_assert!(model.unconsumed.contains(operation));
                prop_assert_eq!(*value, (*operation, result));
            }
            Ok(())
        })?;
    }

    #[test]
    fn results_are_consumed_in_the_order_of_delivery_except_by_a_grant(script in scripts()) {
        Model::check(&script, &script.run(), |model, event| {
            match event {
                Event::Consumed { operation, is_granted: false, .. } => {
                    prop_assert_eq!(model.unconsumed.first(), Some(operation));
                }
                Event::Granted(operation) => {
                    let first = model.unconsumed.iter().find(|other| model.early.contains(other));
                    prop_assert_eq!(first, Some(operation));
                    prop_assert_ne!(model.unconsumed.first(), Some(operation));
                }
                _ => {}
            }
            Ok(())
        })?;
    }

    #[test]
    fn each_result_is_consumed_at_most_once_and_never_after_its_operation_was_released(script in scripts()) {
        let mut consumed = BTreeSet::new();
        let mut released = BTreeSet::new();

        for event in script.run_to_rest() {
            match event {
                Event::Consumed { operation, value, .. } => {
                    prop_assert!(consumed.insert(value));
                    prop_assert!(!released.contains(&operation));
                }
                Event::Released { operation, .. } => _ = released.insert(operation),
                _ => {}
            }
        }
    }

    #[test]
    fn a_result_is_consumed_in_the_end_if_its_future_is_polled_when_woken_and_not_dropped(script in scripts()) {
        let trace = script.run_to_rest();
        let mut awaited = BTreeSet::new();
        let mut settled = BTreeSet::new();

        for event in &trace {
            match event {
                Event::Polled(operation) => _ = awaited.insert(*operation),
                Event::Settled { operation, .. } => _ = settled.insert(*operation),
                Event::Consumed { operation, .. } | Event::Released { operation, .. } => {
                    awaited.remove(operation);
                    settled.remove(operation);
                }
                _ => {}
            }
        }

        let lost: Vec<_> = settled.intersection(&awaited).collect();
        prop_assert!(lost.is_empty(), "{:?} of {:?}", lost, trace);
    }
}
