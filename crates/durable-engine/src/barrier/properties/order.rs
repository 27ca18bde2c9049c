//! Properties of the one order of results: which result is due, and which places have to be recorded.

use proptest::prelude::*;

use super::model::Model;
use super::run::Event;
use super::script::{OPERATIONS, Script, config, scripts};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn of_all_results_that_are_deferred_the_one_with_the_lowest_place_is_delivered(script in scripts()) {
        Model::check(&script, &script.run(), |model, event| {
            if let Event::Delivered { operation, .. } = event {
                let first = model.deferred.iter().min_by_key(|(_, order)| **order);
                prop_assert_eq!(first.map(|(first, _)| first), Some(operation));
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_result_that_arrives_after_a_later_one_was_delivered_comes_back_with_the_place_to_record(
        script in scripts(),
    ) {
        Model::check(&script, &script.run(), |model, event| {
            if let Event::Delivered { operation, late, .. } = event {
                prop_assert_eq!(*late, model.late(*operation));
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_result_that_was_overtaken_has_a_place_to_record_although_its_operation_was_released(
        script in scripts(),
    ) {
        Model::check(&script, &script.run(), |model, event| {
            match event {
                Event::Released { operation, late } => prop_assert_eq!(*late, model.late(*operation)),
                Event::Reported { operation, at, late } => {
                    prop_assert_eq!(*late, model.late_if_dropped(*operation, *at));
                }
                _ => {}
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_held_result_waits_and_so_does_one_for_what_began_in_its_context_unless_nothing_else_can_move(
        script in scripts(),
    ) {
        Model::check(&script, &script.run(), |model, event| {
            let Event::Delivered { operation, is_stalled, .. } = event else { return Ok(()) };
            let gate = Script::gate(*operation);
            let unit = model.deferred[operation].at();
            let is_missing = |other: usize| {
                let began = script.began(other).filter(|_| !model.claimed.contains(&other));
                Script::gate(other) == gate && began.is_some_and(|began| Script::unit(began) < unit)
            };
            let is_free = script.is_by_name || script.is_rebuilding && gate == 1;
            let waits = !is_free && (0..OPERATIONS).any(is_missing);
            prop_assert_eq!(*is_stalled, waits || model.is_held(*operation));
            Ok(())
        })?;
    }
}
