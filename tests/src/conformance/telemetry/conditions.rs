//! The conditions under which the executions of requirements about telemetry run.

use std::time::Duration;

use serde_json::Value;

use crate::conformance::requirement::{CallbackAction, Requirement};

/// The variable for how long an execution is suspended.
const DELAY: &str = "LONG_DELAY_SECONDS";

/// How long an execution may last that is to time out.
const SHORT: Duration = Duration::from_secs(3);

/// The requirement with this delay in place of its own, if it has one. As with AWS's tool for long-running executions,
/// any callback is answered when the delay has passed.
pub(super) fn with_delay(requirement: &Requirement, delay: Duration) -> Requirement {
    let mut requirement = requirement.clone();
    let Some(value) = requirement.variables.get_mut(DELAY) else { return requirement };
    *value = Value::from(delay.as_secs());
    for action in &mut requirement.callback_actions {
        let callback_name = "*".to_owned();
        *action = CallbackAction { callback_name, delay: delay.as_secs_f64(), ..action.clone() };
    }
    let config = &mut requirement.async_config;
    config.no_progress_timeout_seconds = config.no_progress_timeout_seconds.saturating_add(delay.as_secs());
    config.poll_interval_seconds = config.poll_interval_seconds.max(delay.as_secs() / 100);
    requirement
}

/// Whether an execution that meets this requirement is suspended for a delay.
pub(super) fn has_delay(requirement: &Requirement) -> bool {
    requirement.variables.contains_key(DELAY)
}

/// The execution timeout that a requirement needs.
pub(super) fn execution_timeout(requirement: &Requirement) -> Option<Duration> {
    let expected = requirement.expected_result.as_ref()?;
    (expected.execution_status == "TIMED_OUT").then_some(SHORT)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conformance::requirement::AsyncConfig;

    fn requirement(value: Value) -> Requirement {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_delay_is_for_the_input_and_for_callbacks() {
        let original = requirement(json!({
            "Variables": {"LONG_DELAY_SECONDS": 1},
            "CallbackActions": [{"CallbackName": "long", "Operation": "success", "Delay": 1}],
        }));

        let delayed = with_delay(&original, Duration::from_hours(24));

        assert_eq!(delayed.variables[DELAY], json!(86_400));
        assert_eq!(
            (delayed.callback_actions[0].delay, &*delayed.callback_actions[0].callback_name),
            (86_400.0, "*")
        );
        let patient = AsyncConfig { poll_interval_seconds: 864, no_progress_timeout_seconds: 86_430 };
        assert_eq!(delayed.async_config, patient);
        assert!(has_delay(&delayed));
    }

    #[test]
    fn a_requirement_without_a_delay_stays_as_it_is() {
        let original = requirement(json!({
            "CallbackActions": [{"CallbackName": "short", "Operation": "success", "Delay": 1}],
        }));

        let delayed = with_delay(&original, Duration::from_hours(24));

        assert_eq!(delayed.callback_actions, original.callback_actions);
        assert_eq!(delayed.async_config, original.async_config);
        assert!(!has_delay(&delayed));
    }

    #[test]
    fn only_an_execution_that_is_to_time_out_has_a_timeout() {
        let ends = |status: &str| requirement(json!({"ExpectedResult": {"ExecutionStatus": status}}));

        assert_eq!(execution_timeout(&ends("TIMED_OUT")), Some(SHORT));
        assert_eq!(execution_timeout(&ends("SUCCEEDED")), None);
        assert_eq!(execution_timeout(&Requirement::default()), None);
    }
}
