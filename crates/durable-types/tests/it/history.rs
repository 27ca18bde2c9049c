//! Events of a history.

use durable_types::history::*;
use durable_types::{ErrorObject, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::arbitrary::event;

proptest! {
    #[test]
    fn an_event_holds_the_details_of_its_type_alone(event in event()) {
        let json = serde_json::to_value(&event).unwrap();

        let own = format!("{}Details", event.details.event_type());
        let details: Vec<&String> = json.as_object().unwrap().keys().filter(|key| key.ends_with("Details")).collect();
        prop_assert_eq!(details, vec![&own]);
        prop_assert_eq!(&json["EventType"], &json!(event.details.event_type().as_str()));
    }
}

#[test]
fn an_event_is_written_as_the_service_writes_it() {
    let error = ErrorObject::new("PaymentError", "declined");
    let details = EventDetails::StepFailed(StepFailedDetails::new(error, RetryDetails::new(1, Some(5))));
    let mut event = Event::new(3, Timestamp::from_millis(1_767_323_045_678), details);
    event.id = Some("charge-1".into());
    event.name = Some("charge".into());
    event.sub_type = Some("Step".into());

    let expected = json!({
        "EventType": "StepFailed",
        "SubType": "Step",
        "EventId": 3,
        "Id": "charge-1",
        "Name": "charge",
        "EventTimestamp": 1_767_323_045.678,
        "StepFailedDetails": {
            "Error": {"Payload": {"ErrorType": "PaymentError", "ErrorMessage": "declined"}, "Truncated": false},
            "RetryDetails": {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 5},
        },
    });
    assert_eq!(serde_json::to_value(&event).unwrap(), expected);
}

fn read(event_type: &str, details: Value) -> Event {
    let mut json = json!({"EventType": event_type, "EventId": 1, "EventTimestamp": 1_767_323_045.678});
    json.as_object_mut().unwrap().extend(details.as_object().unwrap().clone());
    serde_json::from_value(json).unwrap()
}

#[test]
fn an_event_of_an_unknown_type_is_kept_without_its_details() {
    let event = read("ExecutionCloned", json!({"ExecutionClonedDetails": {"From": "arn"}}));

    assert_eq!(event.details, EventDetails::Unknown("ExecutionCloned".into()));
    assert_eq!(serde_json::to_value(&event).unwrap()["EventType"], "ExecutionCloned");
}

#[test]
fn an_event_that_needs_no_details_may_lack_them() {
    assert_eq!(
        read("StepStarted", json!({})).details,
        EventDetails::StepStarted(StepStartedDetails::default())
    );
    assert_eq!(
        read("ContextSucceeded", json!({"ContextSucceededDetails": null})).details,
        EventDetails::ContextSucceeded(ContextSucceededDetails::new(EventResult::default()))
    );
}

#[test]
fn an_event_that_lacks_needed_details_does_not_make_a_history_unreadable() {
    let event = read("InvocationCompleted", json!({}));

    assert_eq!(event.details, EventDetails::Unknown("InvocationCompleted".into()));
    assert_eq!(event.details.event_type(), EventType::InvocationCompleted);
}

#[test]
fn required_members_that_a_runner_leaves_out_are_empty() {
    let event = read("StepSucceeded", json!({"StepSucceededDetails": {"Result": null}}));

    let expected = StepSucceededDetails::new(EventResult::default(), RetryDetails::default());
    assert_eq!(event.details, EventDetails::StepSucceeded(expected));
}

#[test]
fn truncated_data_says_so_and_nothing_else() {
    let result = EventResult::from(Some("secret".to_owned())).truncate();
    let error = EventError::from(ErrorObject::new("PaymentError", "secret")).truncate();

    assert_eq!(serde_json::to_value(&result).unwrap(), json!({"Truncated": true}));
    assert_eq!(serde_json::to_value(&error).unwrap(), json!({"Truncated": true}));
}
