//! What is wrong with an update, all of it.

use durable_types::limits::*;
use durable_types::*;
use proptest::prelude::*;

use crate::arbitrary::with;

fn problems(update: &OperationUpdate) -> Vec<String> {
    let violations = update.validate().err();
    violations.iter().flat_map(Violations::iter).map(ToString::to_string).collect()
}

fn members(update: &OperationUpdate) -> Vec<String> {
    let violations = update.validate().err();
    violations.iter().flat_map(Violations::iter).map(|violation| violation.member.to_string()).collect()
}

fn error() -> ErrorObject {
    ErrorObject::new("PaymentError", "declined")
}

#[test]
fn every_violation_is_listed() {
    let update = OperationUpdate::fail("", OperationType::Wait, error())
        .with_parent_id("a b")
        .with_name("n".repeat(257))
        .with_sub_type("s".repeat(33))
        .with_step_options(Some(0))
        .with_wait_options(31_622_401)
        .with_callback_options(Some(100_000_000), Some(100_000_000))
        .with_chained_invoke_options("", Some("ä".to_owned()))
        .with_trace_header("x".repeat(8_193))
        .with_context_options(None);
    let update = with(update, |update| update.result = Some("1".to_owned()));

    let expected = [
        "Id",
        "ParentId",
        "Name",
        "SubType",
        "Action",
        "Payload",
        "ContextOptions",
        "StepOptions",
        "CallbackOptions",
        "ChainedInvokeOptions",
        "StepOptions.NextAttemptDelaySeconds",
        "WaitOptions.WaitSeconds",
        "CallbackOptions.TimeoutSeconds",
        "CallbackOptions.HeartbeatTimeoutSeconds",
        "ChainedInvokeOptions.FunctionName",
        "ChainedInvokeOptions.TenantId",
        "ChainedInvokeOptions.XAmznTraceId",
    ];
    assert_eq!(members(&update), expected);
}

#[test]
fn a_violation_says_what_is_allowed() {
    let update = OperationUpdate::start_wait("settle 1", 0).with_name("");

    let expected = "Id may hold letters, digits, `-` and `_` only, but holds ' '; \
        Name must have 1 to 256 characters, but has 0; \
        WaitOptions.WaitSeconds must be 1 to 31622400, but is 0";
    assert_eq!(update.validate().unwrap_err().to_string(), expected);
}

#[test]
fn lengths_are_allowed_up_to_their_limit() {
    let update = OperationUpdate::start_invoke("i".repeat(64), "f".repeat(256), None)
        .with_parent_id("p".repeat(64))
        .with_name("~".repeat(256))
        .with_sub_type("s".repeat(32))
        .with_chained_invoke_options("f".repeat(256), Some("t".repeat(256)))
        .with_trace_header("ä".repeat(8_192));

    assert_eq!(problems(&update), Vec::<String>::new());
    assert_eq!(members(&OperationUpdate::start_step("i".repeat(65))), ["Id"]);
}

#[test]
fn numbers_are_allowed_up_to_their_limits() {
    for seconds in [1, 31_622_400] {
        assert_eq!(OperationUpdate::start_wait("a", seconds).validate(), Ok(()));
        let retry = OperationUpdate::retry("a", OperationType::Step, None, Some(seconds));
        assert_eq!(retry.validate(), Ok(()));
    }
    for seconds in [0, 99_999_999] {
        let callback = OperationUpdate::start_callback("a", Some(seconds), Some(seconds));
        assert_eq!(callback.validate(), Ok(()));
    }
}

#[test]
fn words_that_are_not_known_are_refused() {
    let update = OperationUpdate::new("a", OperationType::from("TIMER"), OperationAction::from("POSTPONE"));

    let expected = [
        "Type must be EXECUTION, CONTEXT, STEP, WAIT, CALLBACK or CHAINED_INVOKE, but is \"TIMER\"",
        "Action must be START, SUCCEED, FAIL, RETRY or CANCEL, but is \"POSTPONE\"",
    ];
    assert_eq!(problems(&update), expected);
}

#[test]
fn an_action_that_a_type_does_not_have_is_refused() {
    for operation_type in OperationType::KNOWN {
        for action in OperationAction::KNOWN {
            let update = OperationUpdate::new("a", operation_type.clone(), action.clone());

            let is_refused = members(&update).contains(&"Action".to_owned());

            assert_eq!(is_refused, !actions_of(operation_type).contains(action), "{operation_type} {action}");
        }
    }
    assert_eq!(
        problems(&OperationUpdate::cancel("a", OperationType::Execution)),
        ["Action must be SUCCEED or FAIL for an operation of type EXECUTION, but is CANCEL"]
    );
}

#[test]
fn an_action_carries_no_data_that_contradicts_it() {
    let step = OperationType::Step;
    let with_result = |update| with(update, |it: &mut OperationUpdate| it.result = Some("1".to_owned()));
    let with_error = |update| with(update, |it: &mut OperationUpdate| it.error = Some(error()));

    let failed = with_result(OperationUpdate::fail("a", step.clone(), error()));
    let succeeded = with_error(OperationUpdate::succeed("a", step.clone(), None));
    let tried_again = with_error(OperationUpdate::retry("a", step, Some("1".to_owned()), Some(1)));

    assert_eq!(members(&failed), ["Payload"]);
    assert_eq!(members(&succeeded), ["Error"]);
    assert_eq!(members(&tried_again), ["Error"]);
}

#[test]
fn options_that_an_action_needs_are_asked_for() {
    let retry = OperationUpdate::new("a", OperationType::Step, OperationAction::Retry);
    let wait = OperationUpdate::start("a", OperationType::Wait);
    let empty_wait = with(wait.clone(), |wait| wait.wait_options = Some(WaitOptions::default()));
    let invoke = OperationUpdate::start("a", OperationType::ChainedInvoke);

    assert_eq!(members(&retry), ["StepOptions"]);
    assert_eq!(members(&wait), ["WaitOptions.WaitSeconds"]);
    assert_eq!(members(&empty_wait), ["WaitOptions.WaitSeconds"]);
    assert_eq!(members(&invoke), ["ChainedInvokeOptions"]);
}

#[test]
fn a_step_has_options_only_when_it_is_tried_again() {
    let update = OperationUpdate::start_step("a").with_step_options(None);

    assert_eq!(problems(&update), ["StepOptions must be set only when a step is tried again"]);
}

#[test]
fn payloads_and_errors_are_measured_in_bytes() {
    let payload = |bytes: usize| Some("x".repeat(bytes));
    let step = |bytes| OperationUpdate::succeed("a", OperationType::Step, payload(bytes));
    let execution = |bytes| OperationUpdate::succeed("a", OperationType::Execution, payload(bytes));
    let two_bytes_each = "ä".repeat(MAX_OPERATION_PAYLOAD_BYTES / 2 + 1);
    let failed = |bytes: usize| {
        OperationUpdate::fail("a", OperationType::Step, ErrorObject::new("", "x".repeat(bytes)))
    };

    assert_eq!(step(MAX_OPERATION_PAYLOAD_BYTES).validate(), Ok(()));
    assert_eq!(members(&step(MAX_OPERATION_PAYLOAD_BYTES + 1)), ["Payload"]);
    assert_eq!(
        members(&OperationUpdate::succeed("a", OperationType::Step, Some(two_bytes_each))),
        ["Payload"]
    );
    assert_eq!(execution(MAX_EXECUTION_PAYLOAD_BYTES).validate(), Ok(()));
    assert_eq!(members(&execution(MAX_EXECUTION_PAYLOAD_BYTES + 1)), ["Payload"]);
    assert_eq!(failed(MAX_OPERATION_PAYLOAD_BYTES).validate(), Ok(()));
    assert_eq!(members(&failed(MAX_OPERATION_PAYLOAD_BYTES + 1)), ["Error"]);
}

#[test]
fn functions_are_named_in_any_form_of_lambda() {
    for name in [
        "order",
        "order:live",
        "order:$LATEST",
        "function:order",
        "function",
        "function:function",
        "123456789012:order:7",
        "123456789012:function:order",
        "eu-west-1:123456789012:function:order",
        "my.order",
        "arn:aws:lambda:eu-west-1:123456789012:function:order",
        "arn:aws:lambda:us-gov-west-1:123456789012:function:order:$LATEST.PUBLISHED",
        "arn:aws-iso-b:lambda:us-isob-east-1:123456789012:function:order:7",
        "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:order:7",
    ] {
        assert_eq!(validate::function_name(name), Ok(()), "{name}");
    }
    for name in [
        "",
        "order:",
        ":order",
        "order:a:b",
        "order:$LAST",
        "order:a.b",
        "my order",
        "ärger",
        "arn:aws:states:eu-west-1:123456789012:function:order",
        "arn:gcp:lambda:eu-west-1:123456789012:function:order",
        "arn:aws:lambda:eu-west-1:1234:function:order:7",
        "arn:aws:lambda:Europe:123456789012:function:order",
    ] {
        assert!(validate::function_name(name).is_err(), "{name}");
    }
}

proptest! {
    #[test]
    fn a_name_is_allowed_exactly_if_it_is_short_printable_ascii(name in "(?s).{0,8}|[ -~]{250,260}") {
        let is_allowed =
            (1..=256).contains(&name.len()) && name.bytes().all(|byte| (0x20..=0x7E).contains(&byte));

        prop_assert_eq!(validate::operation_name(&name).is_ok(), is_allowed);
    }

    #[test]
    fn an_id_is_allowed_exactly_if_it_is_a_short_word(id in "[a-zA-Z0-9_ é-]{0,6}|[a-z]{60,70}") {
        let is_allowed = (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');

        prop_assert_eq!(validate::operation_id(&id).is_ok(), is_allowed);
        prop_assert_eq!(validate::execution_name(&id).is_ok(), is_allowed);
    }
}
