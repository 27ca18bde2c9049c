//! Null and nothing mean the same.

use durable_types::InvocationInput;
use durable_types::api::*;
use serde_json::json;

#[test]
fn an_invocation_may_carry_nothing_or_null() {
    for state in [json!(null), json!({}), json!({"Operations": null, "NextMarker": null})] {
        let input: InvocationInput = serde_json::from_value(json!({
            "DurableExecutionArn": "arn", "CheckpointToken": "dG9rZW4=", "InitialExecutionState": state,
            "UpdatedOperationIds": null,
        }))
        .unwrap();

        assert!(input.initial_execution_state.operations.is_empty());
        assert_eq!(input.initial_execution_state.next_marker, None);
        assert_eq!(input.updated_operation_ids, None);
    }
}

#[test]
fn answers_may_carry_nothing_or_null() {
    let revoked: CheckpointResponse = serde_json::from_value(json!({})).unwrap();
    let nulls: CheckpointResponse = serde_json::from_value(json!({
        "CheckpointToken": null, "NewExecutionState": {"Operations": null, "NextMarker": null},
    }))
    .unwrap();
    let state: GetStateResponse =
        serde_json::from_value(json!({"Operations": null, "NextMarker": null})).unwrap();
    let history: GetHistoryResponse = serde_json::from_value(json!({"Events": null})).unwrap();
    let list: ListExecutionsResponse = serde_json::from_value(json!({})).unwrap();

    assert_eq!(revoked, CheckpointResponse::default());
    assert_eq!(nulls, revoked);
    assert_eq!(state, GetStateResponse::default());
    assert_eq!(history, GetHistoryResponse::default());
    assert_eq!(list, ListExecutionsResponse::default());
}

#[test]
fn an_envelope_without_a_token_is_refused_by_name() {
    let error = serde_json::from_value::<InvocationInput>(json!({"DurableExecutionArn": "arn"})).unwrap_err();

    assert!(error.to_string().contains("CheckpointToken"), "{error}");
}

#[test]
fn nothing_is_written_for_what_is_not_there() {
    let request = CheckpointRequest::new("arn", "dG9rZW4=", vec![]);

    assert_eq!(serde_json::to_value(&request).unwrap(), json!({"CheckpointToken": "dG9rZW4="}));
}
