//! Properties of pairing and admission: what a claim finds, what may start, and when replay has diverged.

use proptest::prelude::*;

use super::model::Model;
use super::run::{Event, Found};
use super::script::{Script, config, scripts};

/// How long records may remain unclaimed while something else may wake the handler, in milliseconds.
const PATIENCE: i64 = 5_000;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_recorded_operation_is_paired_with_its_record_by_id_in_any_order_of_claims_and_once(script in scripts()) {
        for event in script.run() {
            match event {
                Event::Claimed(operation, Found::Record(name)) => {
                    prop_assert!(script.began(operation).is_some());
                    prop_assert_eq!(name, operation.to_string());
                }
                Event::Claimed(operation, _) => prop_assert_eq!(script.began(operation), None),
                Event::ClaimedAgain(_, found) => prop_assert!(!matches!(found, Found::Record(_))),
                _ => {}
            }
        }
    }

    #[test]
    fn no_operation_begins_while_a_record_of_its_context_is_unclaimed_unless_replay_is_by_name(
        script in scripts(),
    ) {
        Model::check(&script, &script.run(), |model, event| {
            let (operation, begins) = match event {
                Event::Claimed(operation, Found::Live) | Event::Admitted(operation) => (*operation, true),
                Event::Claimed(operation, Found::Waiting) => (*operation, false),
                _ => return Ok(()),
            };
            let is_past_replay = model.unclaimed(Script::gate(operation)) == 0;
            prop_assert_eq!(begins, is_past_replay || script.is_by_name, "{:?}", event);
            Ok(())
        })?;
    }

    #[test]
    fn operations_of_a_context_are_admitted_all_at_once_in_the_order_of_their_claims(script in scripts()) {
        let trace = script.run();
        let mut admitted = Vec::new();

        Model::check(&script, &trace, |model, event| {
            if let Event::Admitted(operation) = event {
                let gate = Script::gate(*operation);
                let first = model.waiting.iter().find(|(waiting, _)| Script::gate(*waiting) == gate);
                prop_assert_eq!(first.map(|(waiting, _)| *waiting), Some(*operation));
                admitted.push(gate);
                return Ok(());
            }
            let is_left = |(waiting, _): &(usize, bool)| admitted.contains(&Script::gate(*waiting));
            prop_assert!(!model.waiting.iter().any(is_left), "{:?} before {:?}", model.waiting, event);
            Ok(())
        })?;
    }

    #[test]
    fn replay_diverges_if_an_awaited_operation_waits_nothing_can_move_and_patience_has_run_out(
        script in scripts(),
    ) {
        let trace = script.run();
        let mut stalled_since = None;
        let mut outcomes = trace.iter().skip(1);

        Model::check(&script, &trace, |model, event| {
            let outcome = outcomes.next();
            match event {
                Event::Claimed(..) | Event::ClaimedAgain(..) | Event::Delivered { .. } => stalled_since = None,
                Event::Stalled { now, may_wake } => {
                    let awaited = model.waiting.iter().filter(|(_, is_polled)| *is_polled);
                    let gate = awaited.map(|(operation, _)| Script::gate(*operation)).min();
                    let has_diverged = matches!(outcome, Some(Event::Diverged { .. }));
                    let is_patient = matches!(outcome, Some(Event::Patient { .. }));
                    if model.deferred.is_empty() && gate.is_none() {
                        prop_assert!(!has_diverged && !is_patient);
                        return Ok(());
                    }
                    let until = *stalled_since.get_or_insert(*now) + PATIENCE;
                    if *may_wake && *now < until {
                        prop_assert_eq!(outcome, Some(&Event::Patient { until }));
                    } else if model.deferred.is_empty() {
                        prop_assert_eq!(outcome.cloned(), gate.map(|gate| Event::Diverged { gate }));
                    } else {
                        prop_assert!(!has_diverged && !is_patient, "a result is delivered first");
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
    }
}
