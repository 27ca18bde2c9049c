//! Functions that somebody else runs, invoked over HTTP.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use durable_functions::RemoteSettings;
use durable_host::endpoint::Endpoint;
use durable_local::{ExecutionStart, FunctionDefinition, LocalService, Settings};
use durable_types::ErrorObject;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// A container's runtime interface emulator: it answers errors with status 200 and without a header.
async fn container() -> String {
    let answer = async |headers: HeaderMap, body: Bytes| {
        let event: Value = serde_json::from_slice(&body).unwrap();
        let operations = &event["InitialExecutionState"]["Operations"];
        let input = operations[0]["ExecutionDetails"]["InputPayload"].as_str().unwrap();
        let answer = match input {
            "\"fail\"" => json!({ "errorType": "Payment", "errorMessage": "declined", "stackTrace": [] }),
            "\"hang\"" => std::future::pending().await,
            "\"break\"" => return Err((StatusCode::BAD_GATEWAY, "no worker".repeat(1_000))),
            "\"answer too much\"" => return Ok("x".repeat(7 * 1024 * 1024)),
            _ => {
                let received = ["x-amz-tenant-id", "x-amz-client-context", "x-dex-handler-invoke"];
                let received = received.map(|name| headers[name].to_str().unwrap());
                let result = json!([input, received]).to_string();
                json!({ "Status": "SUCCEEDED", "Result": result })
            }
        }
        .to_string();
        Ok(answer)
    };
    let router = Router::new().route("/2015-03-31/functions/function/invocations", post(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn service(folder: &TempDir, endpoint: &str) -> LocalService {
    service_with(folder, endpoint, Duration::from_millis(500)).await
}

async fn service_with(folder: &TempDir, endpoint: &str, timeout: Duration) -> LocalService {
    let mut remote = RemoteSettings::new(Endpoint::parse(endpoint).unwrap());
    remote.timeout = timeout;
    let mut settings =
        Settings::new(folder.path()).with_function(FunctionDefinition::remote("remote", remote));
    settings.rules.max_handler_errors = Some(1);
    settings.rules.runtime_error_retries = 0;
    LocalService::start(settings).await.unwrap()
}

/// How an execution with this input ends: with its result or its error.
async fn run(service: &LocalService, input: &str) -> Result<Value, ErrorObject> {
    let mut start = ExecutionStart::new("remote");
    start.input = Some(json!(input).to_string());
    start.headers.tenant_id = Some("blue".to_owned());
    start.headers.client_context = Some("e30=".to_owned());
    let arn = service.start_execution(start).await.unwrap().arn;
    let closed = service.wait_closed(&arn).await.unwrap();
    match &closed.error {
        Some(error) => Err(error.clone()),
        None => Ok(serde_json::from_str(closed.result.as_deref().unwrap()).unwrap()),
    }
}

#[tokio::test]
async fn a_function_in_a_container_runs_executions() {
    let folder = TempDir::new().unwrap();
    let service = service(&folder, &container().await).await;

    assert_eq!(run(&service, "hello").await.unwrap(), json!(["\"hello\"", ["blue", "e30=", "true"]]));
}

#[tokio::test]
async fn the_errors_of_a_container_end_executions_as_those_of_a_process_do() {
    let folder = TempDir::new().unwrap();
    let service = service(&folder, &container().await).await;

    let failed = run(&service, "fail").await.unwrap_err();
    let hanging = run(&service, "hang").await.unwrap_err();

    assert_eq!(failed.error_type.as_deref(), Some("Payment"));
    assert_eq!(failed.error_message.as_deref(), Some("declined"));
    assert_eq!(hanging.error_type.as_deref(), Some("Sandbox.Timedout"));
}

#[tokio::test]
async fn what_a_container_answers_in_the_place_of_a_result_is_told_shortly() {
    let folder = TempDir::new().unwrap();
    let endpoint = container().await;
    let service = service(&folder, &endpoint).await;

    let broken = run(&service, "break").await.unwrap_err();
    let too_large = run(&service, "answer too much").await.unwrap_err();

    assert_eq!(broken.error_type.as_deref(), Some("Runtime.Unavailable"));
    let message = broken.error_message.unwrap();
    let expected = format!(
        "{endpoint}/2015-03-31/functions/function/invocations responded with 502 Bad Gateway: no workerno worker"
    );
    assert!(message.starts_with(&expected) && message.len() < 1_200, "{message}");
    assert_eq!(too_large.error_type.as_deref(), Some("Function.ResponseSizeTooLarge"));
}

#[tokio::test]
async fn a_container_that_is_not_there_is_named() {
    let folder = TempDir::new().unwrap();
    let service = service(&folder, "http://127.0.0.1:1").await;

    let error = run(&service, "hello").await.unwrap_err();

    let message = error.error_message.unwrap();
    assert!(
        message.starts_with("http://127.0.0.1:1/2015-03-31/functions/function/invocations did not respond"),
        "{message}"
    );
    assert!(message.contains("Connection refused"), "{message}");
}

#[tokio::test]
async fn a_container_that_takes_no_connection_is_not_waited_for() {
    let folder = TempDir::new().unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    // Nobody accepts, so that those beyond the first few are kept waiting.
    let _listener = socket.listen(1).unwrap();
    let mut queued = Vec::new();
    while let Ok(Ok(stream)) = timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        queued.push(stream);
    }
    let service = service_with(&folder, &format!("http://{address}"), Duration::from_secs(600)).await;

    let error = timeout(Duration::from_secs(60), run(&service, "hello")).await.unwrap().unwrap_err();

    let message = error.error_message.unwrap();
    assert!(message.contains("did not respond"), "{message}");
}
