//! What is wrong with requests and settings, all of it.

use durable_types::api::*;
use durable_types::limits::*;
use durable_types::*;
use serde_json::json;

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:order:7/durable-execution/order-42/0b1c";

fn members(checked: Result<(), Violations>) -> Vec<String> {
    let violations = checked.err();
    violations.iter().flat_map(Violations::iter).map(|violation| violation.member.to_string()).collect()
}

fn checkpoint(arn: &str, token: &str, updates: Vec<OperationUpdate>) -> CheckpointRequest {
    CheckpointRequest {
        durable_execution_arn: arn.to_owned(),
        checkpoint_token: token.to_owned(),
        updates,
        client_token: None,
    }
}

#[test]
fn a_checkpoint_lists_what_is_wrong_with_each_update() {
    let updates = vec![
        OperationUpdate::start_step("charge-1"),
        OperationUpdate::start_wait("settle 1", 0),
        OperationUpdate::start_step("ship-1").with_name("ä"),
    ];
    let request =
        CheckpointRequest { client_token: Some("a b".to_owned()), ..checkpoint("order", "token!", updates) };

    let expected = [
        "DurableExecutionArn",
        "CheckpointToken",
        "Updates[1].Id",
        "Updates[1].WaitOptions.WaitSeconds",
        "Updates[2].Name",
        "ClientToken",
    ];
    assert_eq!(members(request.validate()), expected);
}

#[test]
fn a_checkpoint_may_be_empty() {
    assert_eq!(checkpoint(ARN, "dG9rZW4=", vec![]).validate(), Ok(()));
}

#[test]
fn a_token_is_base64_of_a_limited_length() {
    let longest = "a".repeat(2_048);
    for token in ["a", "dG9rZW4=", "dG9r+/==", &longest] {
        assert_eq!(validate::checkpoint_token(token), Ok(()), "{token}");
    }
    let too_long = "a".repeat(2_049);
    for token in ["", "=", "==", "a===", "dG9=rZ", "dG9r-_", &too_long] {
        assert!(validate::checkpoint_token(token).is_err(), "{token}");
    }
}

#[test]
fn reading_pages_is_limited() {
    let state = GetStateRequest {
        durable_execution_arn: ARN.to_owned(),
        checkpoint_token: String::new(),
        marker: None,
        max_items: Some(1_001),
    };
    let history = GetHistoryRequest {
        durable_execution_arn: ARN.to_owned(),
        max_items: Some(1_000),
        ..GetHistoryRequest::default()
    };

    assert_eq!(members(state.validate()), ["CheckpointToken", "MaxItems"]);
    assert_eq!(history.validate(), Ok(()));
    assert_eq!(members(GetHistoryRequest { max_items: Some(1_001), ..history }.validate()), ["MaxItems"]);
}

#[test]
fn a_list_of_executions_is_narrowed_by_what_the_service_knows() {
    let request = ListExecutionsRequest {
        function_name: "order".to_owned(),
        qualifier: Some("$LATEST.PUBLISHED".to_owned()),
        durable_execution_name: Some("order 42".to_owned()),
        statuses: vec![ExecutionStatus::Running, ExecutionStatus::from("HIBERNATING")],
        ..ListExecutionsRequest::default()
    };
    let all_good = ListExecutionsRequest {
        durable_execution_name: None,
        statuses: ExecutionStatus::KNOWN.to_vec(),
        ..request.clone()
    };
    let too_many = ListExecutionsRequest {
        statuses: vec![ExecutionStatus::Running; MAX_LISTED_STATUSES + 1],
        ..all_good.clone()
    };

    assert_eq!(members(request.validate()), ["DurableExecutionName", "Statuses"]);
    assert_eq!(all_good.validate(), Ok(()));
    assert_eq!(members(too_many.validate()), ["Statuses"]);
}

#[test]
fn moments_in_a_query_are_texts() {
    let request = ListExecutionsRequest {
        started_after: Some(Timestamp::from_millis(1_767_323_045_678)),
        ..ListExecutionsRequest::default()
    };

    let query = serde_json::to_value(&request).unwrap();

    assert_eq!(query, json!({"StartedAfter": "2026-01-02T03:04:05.678Z"}));
    assert_eq!(serde_json::from_value::<ListExecutionsRequest>(query).unwrap(), request);
}

#[test]
fn reasons_and_client_tokens_are_limited() {
    let pause = PauseRequest {
        durable_execution_arn: ARN.to_owned(),
        client_token: Some("t".repeat(65)),
        reason: Some("r".repeat(1_025)),
        execution_timeout_paused: None,
    };
    let resume = ResumeRequest {
        durable_execution_arn: ARN.to_owned(),
        client_token: Some("t".repeat(64)),
        reason: Some("ä".repeat(1_024)),
    };

    assert_eq!(members(pause.validate()), ["ClientToken", "Reason"]);
    assert_eq!(resume.validate(), Ok(()));
}

#[test]
fn answers_to_callbacks_are_limited_in_bytes() {
    let success = |bytes| CallbackSuccessRequest {
        callback_id: "Y2FsbGJhY2s=".to_owned(),
        result: Some(vec![0; bytes]),
    };
    let failure = CallbackFailureRequest {
        callback_id: "call back".to_owned(),
        error: Some(ErrorObject::new("", "x".repeat(MAX_OPERATION_PAYLOAD_BYTES + 1))),
    };
    let heartbeat = CallbackHeartbeatRequest { callback_id: "a".repeat(1_025) };

    assert_eq!(success(MAX_OPERATION_PAYLOAD_BYTES).validate(), Ok(()));
    assert_eq!(members(success(MAX_OPERATION_PAYLOAD_BYTES + 1).validate()), ["Result"]);
    assert_eq!(members(failure.validate()), ["CallbackId", "Error"]);
    assert_eq!(members(heartbeat.validate()), ["CallbackId"]);
}

#[test]
fn requests_about_one_execution_need_its_arn() {
    let arn = "order-42".to_owned();
    let get = GetExecutionRequest { durable_execution_arn: arn.clone(), include_execution_data: None };
    let stop = StopRequest { durable_execution_arn: arn.clone(), error: None };
    let delete = DeleteRequest { durable_execution_arn: arn };

    assert_eq!(members(get.validate()), ["DurableExecutionArn"]);
    assert_eq!(members(stop.validate()), ["DurableExecutionArn"]);
    assert_eq!(members(delete.validate()), ["DurableExecutionArn"]);
}

#[test]
fn an_invocation_lists_what_is_wrong_with_it() {
    let bad = InvokeRequest {
        function_name: "my order".to_owned(),
        qualifier: Some("a.b".to_owned()),
        invocation_type: Some(InvocationType::from("Later")),
        durable_execution_name: Some(String::new()),
        tenant_id: Some("ä".to_owned()),
        payload: None,
    };
    let asynchronous = InvokeRequest {
        function_name: "order:live".to_owned(),
        qualifier: None,
        invocation_type: Some(InvocationType::Event),
        durable_execution_name: Some("order-42".to_owned()),
        tenant_id: None,
        payload: Some(vec![b'1'; MAX_OPERATION_PAYLOAD_BYTES + 1]),
    };
    let synchronous = InvokeRequest { invocation_type: None, ..asynchronous.clone() };

    assert_eq!(
        members(bad.validate()),
        ["FunctionName", "Qualifier", "InvocationType", "DurableExecutionName", "TenantId"]
    );
    assert_eq!(members(asynchronous.validate()), ["Payload"]);
    assert_eq!(synchronous.validate(), Ok(()));
}

#[test]
fn settings_are_limited() {
    let config = |kms_key_arn: &str, days, seconds| DurableConfig {
        kms_key_arn: Some(kms_key_arn.to_owned()),
        retention_period_in_days: Some(days),
        execution_timeout: Some(seconds),
    };

    assert_eq!(config("arn:aws:kms:eu-west-1:123456789012:key/1", 90, 31_622_400).validate(), Ok(()));
    assert_eq!(config("", 1, 1).validate(), Ok(()));
    assert_eq!(
        members(config("key/1", 91, 0).validate()),
        ["KMSKeyArn", "RetentionPeriodInDays", "ExecutionTimeout"]
    );
    assert_eq!(
        serde_json::to_value(config("", 1, 2)).unwrap(),
        json!({"KMSKeyArn": "", "RetentionPeriodInDays": 1, "ExecutionTimeout": 2})
    );
}
