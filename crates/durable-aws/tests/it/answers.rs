//! The classification of error responses.

use durable_core::transport::{Transport, TransportError};
use durable_types::api::{CheckpointRequest, GetStateRequest, ServiceErrorKind};

use crate::either::{BOTH, Either, Settings};
use crate::fake_service::{Answer, FakeService};

/// The errors of both operations on both transports, which get these answers and try once.
async fn both(answers: [Answer; 2]) -> Vec<[TransportError; 2]> {
    let mut errors = Vec::new();
    for kind in BOTH {
        let service = FakeService::replying(answers.clone()).await;
        let transport = kind.to(&service, Settings::attempts(1));
        errors.push([checkpoint(&transport).await.unwrap_err(), get_state(&transport).await.unwrap_err()]);
    }
    errors
}

async fn checkpoint(transport: &Either) -> Result<(), TransportError> {
    let request = CheckpointRequest::new("arn", "token", Vec::new());
    transport.checkpoint(request).await.map(drop)
}

async fn get_state(transport: &Either) -> Result<(), TransportError> {
    let request = GetStateRequest::new("arn", "token");
    transport.get_state(request).await.map(drop)
}

fn text(error: &TransportError) -> String {
    let source = std::error::Error::source(error).unwrap();
    source.to_string()
}

#[tokio::test]
async fn every_error_of_the_service_fails_the_execution_or_the_invocation() {
    for kind in ServiceErrorKind::KNOWN {
        let body = format!(r#"{{"{}": "no"}}"#, kind.message_key());
        let fails_execution = match kind {
            ServiceErrorKind::InvalidParameterValue
            | ServiceErrorKind::InvalidRequestContent
            | ServiceErrorKind::CallbackTimeout
            | ServiceErrorKind::AccessDenied
            | ServiceErrorKind::ResourceNotFound
            | ServiceErrorKind::ResourceConflict
            | ServiceErrorKind::DurableExecutionAlreadyStarted
            | ServiceErrorKind::RequestTooLarge
            | ServiceErrorKind::KmsAccessDenied
            | ServiceErrorKind::KmsDisabled
            | ServiceErrorKind::KmsInvalidState
            | ServiceErrorKind::KmsNotFound => true,
            ServiceErrorKind::TooManyRequests | ServiceErrorKind::Service | ServiceErrorKind::Unknown(_) => {
                false
            }
        };

        let refused = || Answer::error(kind.http_status(), kind.as_str(), &body);
        for error in both([refused(), refused()]).await.into_iter().flatten() {
            assert_eq!(error.fails_execution(), fails_execution, "{kind}");
            assert!(text(&error).contains(kind.as_str()), "{error:?}");
            assert!(text(&error).contains(": no"), "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_token_that_is_no_longer_current_ends_the_invocation_alone() {
    for message in ["Invalid checkpoint token", "Invalid Checkpoint Token: it was used"] {
        let body = format!(r#"{{"Type": "User", "message": "{message}"}}"#);

        let refused = || Answer::error(400, "InvalidParameterValueException", &body);
        for error in both([refused(), refused()]).await.into_iter().flatten() {
            assert!(!error.fails_execution(), "{message}");
        }
    }
}

#[tokio::test]
async fn an_error_that_this_version_does_not_know_is_classified_by_its_status() {
    let answers = [Answer::error(418, "TeapotException", "{}"), Answer::error(503, "ScalingException", "{}")];

    for [new_client_error, new_service_error] in both(answers).await {
        assert!(new_client_error.fails_execution());
        assert!(!new_service_error.fails_execution());
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_ends_the_invocation_alone() {
    let html = || Answer::ok("<html>");
    let redirect = || Answer::new(302, "").with_header("location", "/");
    for answers in [[html(), html()], [redirect(), redirect()]] {
        for error in both(answers).await.into_iter().flatten() {
            assert!(!error.fails_execution());
            assert!(text(&error).contains("got no readable response"), "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_fails_ends_the_invocation_alone() {
    for kind in BOTH {
        let service = FakeService::replying::<Answer>([]).await;
        let transport = kind.to(&service, Settings::attempts(1));

        let error = checkpoint(&transport).await.unwrap_err();

        assert!(!error.fails_execution());
        assert!(text(&error).contains("CheckpointDurableExecution got no readable response"), "{error:?}");
    }
}

#[tokio::test]
async fn a_missing_permission_names_the_policy_that_gives_it() {
    let denied = || Answer::error(403, "AccessDeniedException", r#"{"Message": "not authorized"}"#);

    for [checkpoint, get_state] in both([denied(), denied()]).await {
        assert!(text(&checkpoint).contains("lambda:CheckpointDurableExecution"), "{checkpoint:?}");
        assert!(text(&get_state).contains("AWSLambdaBasicDurableExecutionRolePolicy"), "{get_state:?}");
    }
}

#[tokio::test]
async fn the_error_of_a_refused_request_contains_its_id() {
    let answer = || Answer::error(400, "ValidationException", "{}").with_header("x-amzn-requestid", "id-1");

    for error in both([answer(), answer()]).await.into_iter().flatten() {
        assert!(text(&error).contains("(request id-1)"), "{error:?}");
    }
}

#[tokio::test]
async fn both_transports_read_the_same_from_every_response() {
    let with_code = |code: &str, body: &str| Answer::error(400, code, body);
    let plain = |body: &str| Answer::new(400, body);
    let responses = [
        with_code("InvalidParameterValueException:http://internal.amazon.com/coral/x/", "{}"),
        with_code("com.amazon#InvalidParameterValueException:http://x", r#"{"message": "no"}"#),
        with_code("InvalidParameterValueException", r#"{"Message": "invalid checkpoint token"}"#),
        with_code("InvalidParameterValueException", r#"{"message": "a", "Message": "b"}"#),
        with_code("InvalidParameterValueException", r#"{"Message": "b", "message": null}"#),
        with_code("InvalidParameterValueException", r#"{"message": 5}"#),
        with_code("InvalidParameterValueException", r#"{"message": {"text": "no"}}"#),
        with_code("InvalidParameterValueException", r#"["message"]"#),
        with_code("InvalidParameterValueException", ""),
        with_code("InvalidParameterValueException", "<html>"),
        with_code("", r#"{"code": "ResourceNotFoundException", "message": "no"}"#),
        plain(
            r#"{"__type": "com.amazon#InvalidParameterValueException", "message": "Invalid Checkpoint Token"}"#,
        ),
        plain(r#"{"__type": "KMSDisabledException:http://x"}"#),
        plain(r#"{"code": "ResourceNotFoundException", "__type": "KMSNotFoundException"}"#),
        plain(r#"{"code": "A", "code": "B", "__type": "C", "__type": "D"}"#),
        plain(r#"{"code": 5, "__type": "KMSNotFoundException", "message": "no"}"#),
        plain(r#"{"errorMessage": "no", "errorType": "Sandbox.Timedout"}"#),
        plain(r#"{"Type": "User", "message": "Invalid checkpoint token"}"#),
        plain(r#"{"message": "\ud83e\udd80 \"quoted\"\n"}"#),
        plain(r#"{"message": "no"} trailing"#),
        plain(""),
        Answer::new(404, "<html>"),
        Answer::new(413, ""),
        Answer::new(429, ""),
        Answer::error(429, "ResourceNotFoundException", "{}"),
        Answer::error(502, "KMSAccessDeniedException", r#"{"Message": "no"}"#),
        Answer::new(502, r#"{"__type": "KMSAccessDeniedException"}"#),
        Answer::new(502, "<html>"),
        Answer::new(500, r#"{"message": "Invalid checkpoint token"}"#),
        Answer::new(304, ""),
    ];

    for response in responses {
        let [lean, aws_sdk] = both([response.clone(), response.clone()]).await.try_into().unwrap();

        for (lean, aws_sdk) in lean.iter().zip(&aws_sdk) {
            assert_eq!(text(lean), text(aws_sdk), "{response:?}");
            assert_eq!(lean.fails_execution(), aws_sdk.fails_execution(), "{response:?}");
        }
    }
}
