//! Invoke: what is started, what is answered, and what is refused.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::client::Call;
use super::guest::Host;

#[tokio::test]
async fn a_synchronous_invocation_answers_with_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let answer = host.call(Call::invoke(r#"{"items": [1, 2]}"#)).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, br#"{"items": [1, 2]}"#);
    assert_eq!(answer.header("x-amz-executed-version"), Some("$LATEST"));
    assert_eq!(answer.header("x-amz-function-error"), None);
    let arn = answer.arn();
    let prefix = "arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST/durable-execution/";
    assert!(arn.starts_with(prefix), "{arn}");
}

#[tokio::test]
async fn an_invocation_is_synchronous_however_long_the_execution_waits() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let answer = host.call(Call::invoke("\"wait 1\"")).await;

    assert_eq!((answer.status, answer.json()), (200, json!("waited")));
    assert_eq!(host.guest.invocations(), 2);
}

#[tokio::test]
async fn an_execution_that_fails_answers_with_its_error() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let answer = host.call(Call::invoke("\"fail declined\"")).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-amz-function-error"), Some("Unhandled"));
    assert_eq!(answer.json(), json!({"errorMessage": "declined", "errorType": "PaymentError"}));
    assert!(answer.header("x-amz-durable-execution-arn").is_some());
}

#[tokio::test]
async fn an_event_is_answered_before_the_execution_ends() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let answer = host.call(Call::invoke("\"hang\"").header("x-amz-invocation-type", "Event")).await;

    assert_eq!((answer.status, answer.body.len()), (202, 0));
    let execution = host.call(Call::on("GET", &answer.arn(), "")).await.json();
    assert_eq!(execution["Status"], json!("RUNNING"));
    assert_eq!(execution["InputPayload"], json!("\"hang\""));
}

#[tokio::test]
async fn a_dry_run_starts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let answer = host.call(Call::invoke("1").header("x-amz-invocation-type", "DryRun")).await;

    assert_eq!((answer.status, host.guest.invocations()), (204, 0));
    assert_eq!(answer.header("x-amz-durable-execution-arn"), None);
}

#[tokio::test]
async fn no_payload_is_no_input() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let arn = host.call(Call::invoke("")).await.arn();

    let execution = host.call(Call::on("GET", &arn, "")).await.json();
    assert_eq!(execution["InputPayload"], json!(null));
}

#[tokio::test]
async fn a_function_is_named_in_every_form_with_its_qualifier() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:order";

    for (function, query, version) in [
        ("order%3A%24LATEST".to_owned(), "", "$LATEST"),
        (format!("{arn}:7"), "", "7"),
        (format!("{arn}:live"), "", "$LATEST"),
        ("000000000000:function:order".to_owned(), "?Qualifier=3", "3"),
    ] {
        let target = format!("/2015-03-31/functions/{function}/invocations{query}");
        let answer = host.call(Call::post(target).body("1")).await;
        assert_eq!(answer.header("x-amz-executed-version"), Some(version), "{function}");
        assert!(answer.arn().contains(&format!(":{version}/durable-execution/")));
    }
}

#[tokio::test]
async fn an_unqualified_invocation_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let answer = host.call(Call::post("/2015-03-31/functions/order/invocations").body("1")).await;

    let message = "You cannot invoke a durable function using an unqualified ARN.".to_owned();
    let expected = (400, "InvalidParameterValueException".to_owned(), "User".to_owned(), message);
    assert_eq!(answer.error(), expected);
    assert!(answer.json().get("message").is_some(), "the model spells it in lower case here");
}

#[tokio::test]
async fn an_unknown_function_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    for (name, qualifier) in [("ordr:1", "1"), ("ordr", "$LATEST")] {
        let answer =
            host.call(Call::post(format!("/2015-03-31/functions/{name}/invocations")).body("1")).await;

        let message =
            format!("Function not found: arn:aws:lambda:us-east-1:000000000000:function:ordr:{qualifier}");
        let expected = (404, "ResourceNotFoundException".to_owned(), "User".to_owned(), message);
        assert_eq!(answer.error(), expected);
        assert!(answer.json().get("Message").is_some(), "the model spells it in upper case here");
    }
}

#[tokio::test]
async fn a_payload_that_is_not_json_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    for payload in [&b"{\"items\": "[..], b"\xff\xfe", b"order.json"] {
        let (status, error_type, fault, message) = host.call(Call::invoke(payload)).await.error();
        assert_eq!((status, error_type.as_str()), (400, "InvalidRequestContentException"));
        assert_eq!(fault, "User");
        assert!(message.starts_with("Could not parse request body into json: "), "{message}");
    }
    assert_eq!(host.guest.invocations(), 0);
}

#[tokio::test]
async fn a_payload_may_be_as_large_as_the_kind_of_invocation_allows() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let payload = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let event = |bytes: usize| Call::invoke(payload(bytes)).header("x-amz-invocation-type", "Event");

    assert_eq!(host.call(event(1_048_576)).await.status, 202);
    assert_eq!(host.call(Call::invoke(payload(1_048_577))).await.status, 200);
    for (refused, limit) in [
        (event(1_048_577), 1_048_576),
        (event(16_777_217), 1_048_576),
        (Call::invoke(payload(6_291_457)), 6_291_456),
        (Call::invoke(payload(16_777_217)), 6_291_456),
    ] {
        let (status, error_type, _, message) = host.call(refused).await.error();
        assert_eq!((status, error_type.as_str()), (413, "RequestTooLargeException"));
        let expected = format!("Request must be smaller than {limit} bytes for the InvokeFunction operation");
        assert_eq!(message, expected);
    }
}

#[tokio::test]
async fn parameters_that_break_the_model_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    for call in [
        Call::invoke("1").header("x-amz-invocation-type", "Sometimes"),
        Call::invoke("1").header("x-amz-durable-execution-name", "a b"),
        Call::invoke("1").header("x-amz-durable-execution-name", "n".repeat(65)),
        Call::post("/2015-03-31/functions/order%20/invocations?Qualifier=1").body("1"),
        Call::post("/2015-03-31/functions/order:1/invocations?Qualifier=2").body("1"),
    ] {
        let (status, error_type, ..) = host.call(call).await.error();
        assert_eq!((status, error_type.as_str()), (400, "InvalidParameterValueException"));
    }
    assert_eq!(host.guest.invocations(), 0);
}

#[tokio::test]
async fn a_client_context_is_a_small_json_object() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let call = |context: &str| Call::invoke("1").header("x-amz-client-context", context);

    for refused in
        ["e30", "{}", "W10=", "bnVsbA==", &STANDARD.encode(format!("{{\"a\":\"{}\"}}", "x".repeat(2_700)))]
    {
        let (status, error_type, ..) = host.call(call(refused)).await.error();
        assert_eq!((status, error_type.as_str()), (400, "InvalidRequestContentException"), "{refused}");
    }
    assert_eq!(host.guest.invocations(), 0);
    assert_eq!(host.call(call("ewogImEiOiAxCn0=")).await.status, 200);
}

#[tokio::test]
async fn an_execution_keeps_the_trace_it_was_started_in() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let traced = host.call(Call::invoke("1").header("x-amzn-trace-id", "Root=1-2-3")).await.arn();
    let untraced = host.call(Call::invoke("1")).await.arn();

    let described = host.call(Call::on("GET", &traced, "")).await.json();
    assert_eq!(described["TraceHeader"], json!({ "XAmznTraceId": "Root=1-2-3" }));
    assert_eq!(host.call(Call::on("GET", &untraced, "")).await.json().get("TraceHeader"), None);
}
