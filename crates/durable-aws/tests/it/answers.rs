//! What becomes of the answers of the service that are errors.

use aws_sdk_lambda::config::retry::RetryConfig;
use durable_aws::LambdaTransport;
use durable_core::transport::{Transport, TransportError};
use durable_types::api::{CheckpointRequest, GetStateRequest, ServiceErrorKind};

use crate::shapes::{answer, replaying};

fn refusal(status: u16, kind: &str, body: &str) -> http::Response<String> {
    let response = http::Response::builder().status(status).header("x-amzn-errortype", kind);
    response.body(body.to_owned()).unwrap()
}

async fn both(responses: [http::Response<String>; 2]) -> [TransportError; 2] {
    let (transport, _) = replaying(responses, RetryConfig::disabled());
    [checkpoint(&transport).await.unwrap_err(), get_state(&transport).await.unwrap_err()]
}

async fn checkpoint(transport: &LambdaTransport) -> Result<(), TransportError> {
    let request = CheckpointRequest::new("arn", "token", Vec::new());
    transport.checkpoint(request).await.map(drop)
}

async fn get_state(transport: &LambdaTransport) -> Result<(), TransportError> {
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

        let refused = || refusal(kind.http_status(), kind.as_str(), &body);
        for error in both([refused(), refused()]).await {
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

        let refused = || refusal(400, "InvalidParameterValueException", &body);
        for error in both([refused(), refused()]).await {
            assert!(!error.fails_execution(), "{message}");
        }
    }
}

#[tokio::test]
async fn an_error_that_this_version_does_not_know_is_classified_by_its_status() {
    let [new_client_error, new_service_error] =
        both([refusal(418, "TeapotException", "{}"), refusal(503, "ScalingException", "{}")]).await;

    assert!(new_client_error.fails_execution());
    assert!(!new_service_error.fails_execution());
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_ends_the_invocation_alone() {
    let html = || answer("<html>");
    for error in both([html(), html()]).await {
        assert!(!error.fails_execution());
        assert!(text(&error).contains("got no answer"), "{error:?}");
    }
}

#[tokio::test]
async fn a_connection_that_fails_ends_the_invocation_alone() {
    let (transport, _) = replaying([], RetryConfig::disabled());

    let error = checkpoint(&transport).await.unwrap_err();

    assert!(!error.fails_execution());
    assert!(text(&error).contains("CheckpointDurableExecution got no answer"), "{error:?}");
}

#[tokio::test]
async fn a_missing_permission_names_the_policy_that_gives_it() {
    let denied = || refusal(403, "AccessDeniedException", r#"{"Message": "not authorized"}"#);

    let [checkpoint, get_state] = both([denied(), denied()]).await;

    assert!(text(&checkpoint).contains("lambda:CheckpointDurableExecution"), "{checkpoint:?}");
    assert!(text(&get_state).contains("AWSLambdaBasicDurableExecutionRolePolicy"), "{get_state:?}");
}
