//! Which handler answers which requirement.

use super::handler::{Handler, erased};
use super::handlers::{child, step, wait};

/// Functions that handlers of requirements invoke.
pub(crate) const TARGETS: [&str; 0] = [];

/// The handler of a requirement, by its id, or of a [target](TARGETS), by its name. None if there is none yet.
pub(crate) fn handler(id: &str) -> Option<Handler> {
    Some(match id {
        "1-1" => erased(step::greet),
        "1-2" => erased(step::greet_by_name),
        "1-3" => erased(step::one_after_the_other),
        "1-5" => erased(step::nothing),
        "1-8" => erased(step::then_wait),
        "1-9" => erased(step::is_not_repeated),
        "1-11" => erased(step::fails_once),
        "1-12" => erased(step::fails_always),
        "1-13" => erased(step::fails_twice),
        "1-15" => erased(step::fails_for_a_moment),
        "1-19" => erased(step::is_not_retried),
        "1-20" => erased(step::falls_back),
        "2-1" => erased(wait::two_seconds),
        "2-2" => erased(wait::by_name),
        "2-4" => erased(wait::a_minute),
        "2-5" => erased(wait::an_hour),
        "3-1" => erased(child::one_step),
        "3-2" => erased(child::named_by_the_event),
        "3-3" => erased(child::two_steps),
        "3-4" => erased(child::fails),
        "3-5" => erased(child::recovers),
        "3-7" => erased(child::retries),
        "3-9" => erased(child::is_not_repeated),
        "3-10" => erased(child::waits),
        "3-12" => erased(child::is_interrupted),
        "3-15" => erased(child::fails_by_itself),
        "3-16" => erased(child::returns_nothing),
        _ => return None,
    })
}
