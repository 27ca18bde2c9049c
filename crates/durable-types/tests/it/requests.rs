//! What is wrong with requests and settings, all of it.

use durable_types::api::*;
use durable_types::limits::*;
use durable_types::*;
use serde_json::json;

use crate::arbitrary::with;

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:order:7/durable-execution/order-42/0b1c";

fn members(checked: Result<(), Violations>) -> Vec<String> {
    let violations = checked.err();
    violations.iter().flat_map(Violations::iter).map(|violation| violation.member.to_string()).collect()
}

#[test]
fn a_checkpoint_lists_what_is_wrong_with_each_update() {
    let updates = vec![
        OperationUpdate::start_step("charge-1"),
        OperationUpdate::start_wait("settle 1", 0),
        OperationUpdate::start_step("ship-1").with_name("ä"),
    ];
    let mut request = CheckpointRequest::new("order", "token!", updates);
    request.client_token = Some("a b".to_owned());

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
    assert_eq!(CheckpointRequest::new(ARN, "dG9rZW4=", vec![]).validate(), Ok(()));
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
    let state = with(GetStateRequest::new(ARN, ""), |state| state.max_items = Some(1_001));
    let history = |items| with(GetHistoryRequest::new(ARN), |history| history.max_items = Some(items));

    assert_eq!(members(state.validate()), ["CheckpointToken", "MaxItems"]);
    assert_eq!(history(1_000).validate(), Ok(()));
    assert_eq!(members(history(1_001).validate()), ["MaxItems"]);
}

#[test]
fn a_list_of_executions_is_narrowed_by_what_the_service_knows() {
    let request = with(ListExecutionsRequest::new("order"), |request| {
        request.qualifier = Some("$LATEST.PUBLISHED".to_owned());
        request.durable_execution_name = Some("order 42".to_owned());
        request.statuses = vec![ExecutionStatus::Running, ExecutionStatus::from("HIBERNATING")];
    });
    let all_good = with(request.clone(), |request| {
        request.durable_execution_name = None;
        request.statuses = ExecutionStatus::KNOWN.to_vec();
    });
    let too_many = with(all_good.clone(), |request| {
        request.statuses = vec![ExecutionStatus::Running; MAX_LISTED_STATUSES + 1];
    });

    assert_eq!(members(request.validate()), ["DurableExecutionName", "Statuses"]);
    assert_eq!(all_good.validate(), Ok(()));
    assert_eq!(members(too_many.validate()), ["Statuses"]);
}

#[test]
fn moments_in_a_query_are_texts() {
    let mut request = ListExecutionsRequest::default();
    request.started_after = Some(Timestamp::from_millis(1_767_323_045_678));

    let query = serde_json::to_value(&request).unwrap();

    assert_eq!(query, json!({"StartedAfter": "2026-01-02T03:04:05.678Z"}));
    assert_eq!(serde_json::from_value::<ListExecutionsRequest>(query).unwrap(), request);
}

#[test]
fn reasons_and_client_tokens_are_limited() {
    let pause = with(PauseRequest::new(ARN), |pause| {
        pause.client_token = Some("t".repeat(65));
        pause.reason = Some("r".repeat(1_025));
    });
    let resume = with(ResumeRequest::new(ARN), |resume| {
        resume.client_token = Some("t".repeat(64));
        resume.reason = Some("ä".repeat(1_024));
    });

    assert_eq!(members(pause.validate()), ["ClientToken", "Reason"]);
    assert_eq!(resume.validate(), Ok(()));
}

#[test]
fn answers_to_callbacks_are_limited_in_bytes() {
    let success = |bytes| CallbackSuccessRequest::new("Y2FsbGJhY2s=", Some(vec![0; bytes]));
    let failure = CallbackFailureRequest::new(
        "call back",
        Some(ErrorObject::new("", "x".repeat(MAX_OPERATION_PAYLOAD_BYTES + 1))),
    );
    let heartbeat = CallbackHeartbeatRequest::new("a".repeat(1_025));

    assert_eq!(success(MAX_OPERATION_PAYLOAD_BYTES).validate(), Ok(()));
    assert_eq!(members(success(MAX_OPERATION_PAYLOAD_BYTES + 1).validate()), ["Result"]);
    assert_eq!(members(failure.validate()), ["CallbackId", "Error"]);
    assert_eq!(members(heartbeat.validate()), ["CallbackId"]);
}

#[test]
fn requests_about_one_execution_need_its_arn() {
    let get = GetExecutionRequest::new("order-42");
    let stop = StopRequest::new("order-42", None);
    let delete = DeleteRequest::new("order-42");

    assert_eq!(members(get.validate()), ["DurableExecutionArn"]);
    assert_eq!(members(stop.validate()), ["DurableExecutionArn"]);
    assert_eq!(members(delete.validate()), ["DurableExecutionArn"]);
}

#[test]
fn an_invocation_lists_what_is_wrong_with_it() {
    let bad = with(InvokeRequest::new("my order"), |request| {
        request.qualifier = Some("a.b".to_owned());
        request.invocation_type = Some(InvocationType::from("Later"));
        request.durable_execution_name = Some(String::new());
        request.tenant_id = Some("ä".to_owned());
    });
    let asynchronous = with(InvokeRequest::new("order:live"), |request| {
        request.invocation_type = Some(InvocationType::Event);
        request.durable_execution_name = Some("order-42".to_owned());
        request.payload = Some(vec![b'1'; MAX_OPERATION_PAYLOAD_BYTES + 1]);
    });
    let synchronous = with(asynchronous.clone(), |request| request.invocation_type = None);

    assert_eq!(
        members(bad.validate()),
        ["FunctionName", "Qualifier", "InvocationType", "DurableExecutionName", "TenantId"]
    );
    assert_eq!(members(asynchronous.validate()), ["Payload"]);
    assert_eq!(synchronous.validate(), Ok(()));
}

#[test]
fn settings_are_limited() {
    let config = |kms_key_arn: &str, days, seconds| {
        let config =
            DurableConfig::default().with_retention_period_in_days(days).with_execution_timeout(seconds);
        with(config, |config| config.kms_key_arn = Some(kms_key_arn.to_owned()))
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
