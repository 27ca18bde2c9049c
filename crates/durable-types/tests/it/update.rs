//! The constructors of updates.

use durable_types::*;
use serde_json::json;

fn error() -> ErrorObject {
    ErrorObject::new("PaymentError", "declined")
}

#[test]
fn every_constructor_makes_an_update_that_is_legal() {
    let step = OperationType::Step;
    let updates = [
        OperationUpdate::start("a", OperationType::Context),
        OperationUpdate::start_step("a"),
        OperationUpdate::start_wait("a", 60),
        OperationUpdate::start_context("a", sub_type::MAP_ITERATION).with_parent_id("map"),
        OperationUpdate::start_callback("a", Some(60), None),
        OperationUpdate::start_callback("a", None, Some(0)),
        OperationUpdate::start_invoke("a", "ship:live", Some("{}".to_owned())).with_trace_header("Root=1"),
        OperationUpdate::succeed("a", step.clone(), Some("1".to_owned())).with_name("charge the card"),
        OperationUpdate::succeed("a", OperationType::Context, None).with_context_options(Some(true)),
        OperationUpdate::succeed("a", OperationType::Execution, Some("1".to_owned())),
        OperationUpdate::fail("a", step.clone(), error()),
        OperationUpdate::cancel("a", OperationType::Wait),
        OperationUpdate::cancel("a", OperationType::ChainedInvoke),
        OperationUpdate::retry("a", step.clone(), Some("state".to_owned()), Some(5)),
        OperationUpdate::retry("a", step.clone(), None, None),
        OperationUpdate::retry_with_error("a", step, error(), Some(5)),
    ];

    for update in updates {
        assert_eq!(update.validate(), Ok(()), "{update:?}");
    }
}

#[test]
fn updates_have_the_names_of_the_service() {
    let invoke = OperationUpdate::start_invoke("ship-1", "ship:live", Some("{}".to_owned()))
        .with_chained_invoke_options("ship:live", Some("acme".to_owned()))
        .with_trace_header("Root=1")
        .with_name("ship")
        .with_parent_id("parcels-1");
    let retry = OperationUpdate::retry("poll-1", OperationType::Step, Some("3".to_owned()), Some(5));

    let expected_invoke = json!({
        "Id": "ship-1", "ParentId": "parcels-1", "Name": "ship",
        "Type": "CHAINED_INVOKE", "SubType": "ChainedInvoke", "Action": "START", "Payload": "{}",
        "ChainedInvokeOptions": {"FunctionName": "ship:live", "TenantId": "acme", "XAmznTraceId": "Root=1"},
    });
    let expected_retry = json!({
        "Id": "poll-1", "Type": "STEP", "Action": "RETRY", "Payload": "3",
        "StepOptions": {"NextAttemptDelaySeconds": 5},
    });
    assert_eq!(serde_json::to_value(&invoke).unwrap(), expected_invoke);
    assert_eq!(serde_json::to_value(&retry).unwrap(), expected_retry);
}

#[test]
fn a_trace_header_needs_a_call_that_it_can_travel_with() {
    let step = OperationUpdate::start_step("a").with_trace_header("Root=1");

    assert_eq!(step, OperationUpdate::start_step("a"));
}
