//! What AWS's local runner leaves out of its histories.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::conformance::requirement::Requirement;

/// The details that the runner does not tell: the type of the event, where in it, and what.
const GAPS: [(&str, &str, &str); 6] = [
    ("StepSucceeded", "/StepSucceededDetails", "RetryDetails"),
    ("CallbackStarted", "/CallbackStartedDetails", "Timeout"),
    ("CallbackStarted", "/CallbackStartedDetails", "HeartbeatTimeout"),
    ("ChainedInvokeStarted", "/ChainedInvokeStartedDetails", "ExecutedVersion"),
    ("ChainedInvokeStarted", "/ChainedInvokeStartedDetails", "TenantId"),
    ("InvocationCompleted", "", "InvocationCompletedDetails"),
];

/// A requirement without what the runner cannot tell, and the names of what was left out.
pub(super) fn without_gaps(requirement: &Requirement) -> (Requirement, BTreeSet<&'static str>) {
    let mut requirement = requirement.clone();
    let mut left_out = BTreeSet::new();
    for event in &mut requirement.expected_execution_history {
        // The state that a condition carries on from check to check.
        let is_condition = event.get("SubType").is_some_and(|it| it == "WaitForCondition");
        let state = is_condition.then_some(("StepSucceeded", "/StepSucceededDetails/Result", "Payload"));
        for (event_type, place, member) in GAPS.into_iter().chain(state) {
            let is_meant = event.get("EventType").is_some_and(|it| it == event_type);
            let details = event.pointer_mut(place).and_then(Value::as_object_mut).filter(|_| is_meant);
            if details.and_then(|details| details.remove(member)).is_some() {
                left_out.insert(member);
            }
        }
    }
    (requirement, left_out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_runner_does_not_tell_is_left_out_and_nothing_else() {
        let events = json!({"ExpectedExecutionHistory": [
            {"EventType": "CallbackStarted", "CallbackStartedDetails": {"CallbackId": "*", "Timeout": 3}},
            {"EventType": "StepSucceeded", "StepSucceededDetails": {"Result": {"Payload": "1"}}},
        ]});
        let requirement: Requirement = serde_json::from_value(events).unwrap();

        let (told, left_out) = without_gaps(&requirement);

        assert_eq!(left_out.into_iter().collect::<Vec<_>>(), ["Timeout"]);
        let expected = json!([
            {"EventType": "CallbackStarted", "CallbackStartedDetails": {"CallbackId": "*"}},
            {"EventType": "StepSucceeded", "StepSucceededDetails": {"Result": {"Payload": "1"}}},
        ]);
        assert_eq!(Value::from(told.expected_execution_history), expected);
    }
}
