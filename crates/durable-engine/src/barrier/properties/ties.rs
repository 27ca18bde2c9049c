//! Properties of what the service may have recorded, or may still record, in the unit of time of a result.

use proptest::prelude::*;

use super::model::Model;
use super::run::Event;
use super::script::{Script, config, scripts};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_result_is_unsure_if_the_service_may_have_ended_another_operation_in_its_unit_of_time_unreported(
        script in scripts(),
    ) {
        Model::check(&script, &script.run(), |model, event| {
            if let Event::Delivered { operation, is_unsure, .. } = event {
                let order = model.deferred[operation];
                let may_have_ended =
                    |(other, from): &(usize, i64)| model.active.contains(other) && *from <= order.at();
                let has_rival = order.is_of_service() && model.expected.iter().any(may_have_ended);
                prop_assert_eq!(*is_unsure, has_rival && model.is_open(order.at()));
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_result_is_tied_if_one_of_the_newest_unit_of_time_was_delivered_meanwhile_outside_its_own_body(
        script in scripts(),
    ) {
        Model::check(&script, &script.run(), |model, event| {
            let Event::Asked { since, is_context, is_tied } = event else { return Ok(()) };
            let latest = model.delivered.iter().map(|(_, order)| order.at()).max();
            let first = model.delivered.iter().position(|(_, order)| Some(order.at()) == latest);
            let since = usize::try_from(*since).unwrap_or(usize::MAX).max(first.unwrap_or(usize::MAX));
            let recipients = model.delivered.iter().skip(since).map(|(operation, _)| Script::gate(*operation));
            let is_any_outside = recipients.into_iter().any(|gate| !(*is_context && gate == 1));
            prop_assert_eq!(*is_tied, is_any_outside && latest >= Some(model.newest));
            Ok(())
        })?;
    }
}
