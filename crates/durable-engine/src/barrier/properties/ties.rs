//! Properties of what the service may have recorded, or may still record, in the unit of time of a delivered result.

use proptest::prelude::*;

use super::model::Model;
use super::run::Event;
use super::script::{OPERATIONS, Script, config, scripts};

/// The units of time that have been read, completely or in part.
struct Reading {
    newest: i64,
    complete: i64,
}

impl Reading {
    /// Returns what an invocation knows at its start.
    fn new(script: &Script) -> Self {
        let times = (0..OPERATIONS).flat_map(|operation| [script.began(operation), script.ended(operation)]);
        let newest = times.flatten().map(Script::unit).max().unwrap_or(i64::MIN);
        Self { newest, complete: i64::MIN }
    }

    fn handle(&mut self, event: &Event) {
        match event {
            Event::Reported { at, .. } => self.newest = self.newest.max(Script::unit(*at)),
            Event::Completed => self.complete = self.newest,
            _ => {}
        }
    }

    /// Returns whether a record of this unit of time may not have been read.
    fn is_open(&self, unit: i64) -> bool {
        unit >= self.newest && unit > self.complete
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_result_is_unsure_if_the_service_may_have_ended_another_operation_in_its_unit_of_time_unreported(
        script in scripts(),
    ) {
        let mut reading = Reading::new(&script);

        Model::check(&script, &script.run(), |model, event| {
            if let Event::Delivered { operation, is_unsure, .. } = event {
                let order = model.deferred[operation];
                let may_have_ended =
                    |(other, from): &(usize, i64)| model.active.contains(other) && *from <= order.at();
                let has_rival = order.is_of_service() && model.expected.iter().any(may_have_ended);
                prop_assert_eq!(*is_unsure, has_rival && reading.is_open(order.at()));
            }
            reading.handle(event);
            Ok(())
        })?;
    }

    #[test]
    fn a_result_is_tied_if_one_of_the_latest_unit_of_time_was_delivered_meanwhile_outside_its_own_body(
        script in scripts(),
    ) {
        Model::check(&script, &script.run(), |model, event| {
            let Event::Asked { since, is_context, is_tied } = event else { return Ok(()) };
            let latest = model.delivered.iter().map(|(_, order)| order.at()).max();
            let first = model.delivered.iter().position(|(_, order)| Some(order.at()) == latest);
            let since = usize::try_from(*since).unwrap_or(usize::MAX).max(first.unwrap_or(usize::MAX));
            let recipients = model.delivered.iter().skip(since).map(|(operation, _)| Script::gate(*operation));
            prop_assert_eq!(*is_tied, recipients.into_iter().any(|gate| !(*is_context && gate == 1)));
            Ok(())
        })?;
    }
}
