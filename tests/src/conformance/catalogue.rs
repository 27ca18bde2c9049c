//! Which handler answers which requirement.

use super::handler::{Handler, erased};
use super::handlers::{
    callback, child, files, general, invoke, map, open_parallel, otel, parallel, plugin, step, wait,
    wait_for_callback, wait_for_condition,
};

/// Functions that handlers of requirements invoke.
pub(crate) const TARGETS: [&str; 2] = ["target-echo", "target-error"];

/// The handler of all requirements about OpenTelemetry.
pub(crate) const OTEL: &str = "otel";

/// The function that the handler of the requirements about OpenTelemetry invokes.
pub(crate) const OTEL_TARGET: &str = "otel-target";

/// The handler of a requirement, by the [name of its function](Case::function_name), or of a [target](TARGETS). None if
/// there is none yet.
pub(crate) fn handler(function_name: &str) -> Option<Handler> {
    Some(match function_name {
        "step-1-1" => erased(step::greet),
        "step-1-2" => erased(step::greet_by_name),
        "step-1-3" => erased(step::one_after_the_other),
        "step-1-5" => erased(step::nothing),
        "step-1-6" => erased(step::in_capitals),
        "step-1-7" => erased(step::logs),
        "step-1-8" => erased(step::then_wait),
        "step-1-9" => erased(step::is_not_repeated),
        "step-1-11" => erased(step::fails_once),
        "step-1-12" => erased(step::fails_always),
        "step-1-13" => erased(step::fails_twice),
        "step-1-15" => erased(step::fails_for_a_moment),
        "step-1-17" => erased(step::is_interrupted),
        "step-1-19" => erased(step::is_not_retried),
        "step-1-20" => erased(step::falls_back),
        "wait-2-1" => erased(wait::two_seconds),
        "wait-2-2" => erased(wait::by_name),
        "wait-2-4" => erased(wait::a_minute),
        "wait-2-5" => erased(wait::an_hour),
        "child-3-1" => erased(child::one_step),
        "child-3-2" => erased(child::named_by_the_event),
        "child-3-3" => erased(child::two_steps),
        "child-3-4" => erased(child::fails),
        "child-3-5" => erased(child::recovers),
        "child-3-7" => erased(child::retries),
        "child-3-9" => erased(child::is_not_repeated),
        "child-3-10" => erased(child::waits),
        "child-3-11" => erased(child::large),
        "child-3-12" => erased(child::is_interrupted),
        "child-3-14" => erased(child::in_capitals),
        "child-3-15" => erased(child::fails_by_itself),
        "child-3-16" => erased(child::returns_nothing),
        "child-3-17" => erased(child::logs),
        "callback-4-1" | "callback-4-6" => erased(callback::answered),
        "callback-4-2" => erased(callback::approval),
        "callback-4-3" => erased(callback::times_out),
        "callback-4-4" => erased(callback::misses_a_heartbeat),
        "callback-4-5" => erased(callback::kept_alive),
        "callback-4-8" => erased(callback::times_out_after_a_step),
        "callback-4-9" => erased(callback::answered_while_waiting),
        "callback-4-12" => erased(callback::then_wait),
        "callback-4-13" => erased(callback::rejected_then_wait),
        "callback-4-14" => erased(callback::timed_out_then_wait),
        "callback-4-15" => erased(callback::with_a_serdes),
        "callback-4-17" => erased(callback::one_after_the_other),
        "callback-4-18" => erased(callback::side_by_side),
        "invoke-5-1" | "invoke-5-3" => erased(invoke::the_event),
        "invoke-5-2" => erased(invoke::by_name),
        "invoke-5-4" => erased(invoke::nothing),
        "invoke-5-5" => erased(invoke::fails),
        "invoke-5-7" => erased(invoke::much),
        "invoke-5-8" => erased(invoke::for_a_tenant),
        "invoke-5-10" => erased(invoke::caught_then_wait),
        "invoke-5-11" => erased(invoke::with_the_result_of_a_step),
        "invoke-5-13" => erased(invoke::in_a_child_context),
        "invoke-5-14" => erased(invoke::one_after_the_other),
        "invoke-5-16" => erased(invoke::with_a_serdes),
        "serdes-11-1" => erased(files::round_trip),
        "general-11-1" => erased(general::retypes_an_operation),
        OTEL => erased(otel::scenarios),
        OTEL_TARGET => erased(otel::target),
        "target-echo" => erased(invoke::echo),
        "target-error" => erased(invoke::failing),
        "wait_for_condition-6-1" => erased(wait_for_condition::counts),
        "wait_for_condition-6-2" => erased(wait_for_condition::is_met_at_once),
        "wait_for_condition-6-3" => erased(wait_for_condition::by_name),
        "wait_for_condition-6-5" => erased(wait_for_condition::every_two_seconds),
        "wait_for_condition-6-6" => erased(wait_for_condition::is_never_met),
        "wait_for_condition-6-7" => erased(wait_for_condition::fails),
        "wait_for_condition-6-9" => erased(wait_for_condition::structured),
        "wait_for_condition-6-10" => erased(wait_for_condition::nothing),
        "wait_for_condition-6-11" => erased(wait_for_condition::with_a_serdes),
        "wait_for_condition-6-12" => erased(wait_for_condition::then_a_step),
        "wait_for_callback-7-1" | "wait_for_callback-7-4" | "wait_for_callback-7-15" => {
            erased(wait_for_callback::answered)
        }
        "wait_for_callback-7-2" => erased(wait_for_callback::approval),
        "wait_for_callback-7-3" => erased(wait_for_callback::unnamed),
        "wait_for_callback-7-5" => erased(wait_for_callback::times_out),
        "wait_for_callback-7-7" => erased(wait_for_callback::is_not_submitted),
        "wait_for_callback-7-9" => erased(wait_for_callback::one_after_the_other),
        "wait_for_callback-7-11" => erased(wait_for_callback::structured),
        "wait_for_callback-7-12" => erased(wait_for_callback::misses_a_heartbeat),
        "wait_for_callback-7-14" => erased(wait_for_callback::timeout_is_handled),
        "parallel-8-1" => erased(parallel::steps),
        "parallel-8-2" => erased(parallel::unnamed),
        "parallel-8-3" => erased(parallel::named_branches),
        "parallel-8-5" => erased(parallel::empty),
        "parallel-8-6" => erased(parallel::fails_fast),
        "parallel-8-7" => erased(parallel::failure_is_returned),
        "parallel-8-8" => erased(parallel::enough_succeed),
        "parallel-8-9" => erased(parallel::one_failure_is_tolerated),
        "parallel-8-11" => erased(parallel::two_at_a_time),
        "parallel-8-12" => erased(parallel::flat),
        "parallel-8-13" => erased(parallel::a_quarter_may_fail),
        "parallel-8-15" => erased(parallel::with_a_serdes),
        "parallel-8-16" => erased(parallel::all_may_fail),
        "parallel-8-17" => erased(parallel::too_few_succeed),
        "parallel-8-19" => erased(parallel::none_at_a_time),
        "parallel-8-20" => erased(parallel::accessors),
        "parallel-8-23" => erased(open_parallel::typed_handles),
        "parallel-8-24" => erased(open_parallel::starts_early),
        "map-9-1" => erased(map::greet),
        "map-9-2" | "map-9-4" => erased(map::double),
        "map-9-5" => erased(map::fails_fast),
        "map-9-6" => erased(map::failure_is_returned),
        "map-9-7" => erased(map::enough_succeed),
        "map-9-8" => erased(map::one_failure_is_tolerated),
        "map-9-9" => erased(map::two_failures_are_not),
        "map-9-11" => erased(map::two_at_a_time),
        "map-9-12" => erased(map::flat),
        "map-9-13" => erased(map::named_items),
        "map-9-14" => erased(map::with_a_serdes),
        "map-9-16" => erased(map::large),
        "map-9-17" => erased(map::then_wait),
        "map-9-19" => erased(map::with_a_serdes_of_its_own),
        "plugin-10-1" | "plugin-10-2" | "plugin-10-4" | "plugin-10-5" | "plugin-10-8" => {
            erased(plugin::greet)
        }
        "plugin-10-3" => erased(step::fails_once),
        "plugin-10-6" | "plugin-10-9" | "plugin-10-10" | "plugin-10-16" => erased(wait::two_seconds),
        "plugin-10-12" => erased(plugin::constant_branches),
        "plugin-10-13" => erased(plugin::retried_after_a_step),
        "plugin-10-14" => erased(plugin::fails_after_a_step),
        "plugin-10-18" => erased(plugin::waiting_branches),
        "plugin-10-19" => erased(plugin::echo_after_a_wait),
        "plugin-10-20" | "plugin-10-22" => erased(plugin::constant),
        "plugin-10-23" => erased(plugin::named_branches),
        _ => return None,
    })
}

/// Whether the handler of a requirement logs each time that its code runs, so that a needless run shows.
pub(crate) fn logs_during_replay(function_name: &str) -> bool {
    matches!(function_name, "child-3-11" | "child-3-17" | "general-11-1")
}
