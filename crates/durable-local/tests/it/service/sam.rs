//! Executions as the SAM command line starts them, of functions that run in its containers.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use durable_local::{LocalService, Settings};
use durable_types::api::CheckpointRequest;
use durable_types::{InvocationInput, OperationUpdate};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use super::client::{Answer, Call};
use super::guest::Host;

const PATIENCE: Duration = Duration::from_secs(20);

/// A container with a function that waits for a callback, if its input says so, and answers with its input.
struct Container {
    endpoint: String,
    /// The address of the service that the function sends its requests to.
    service: watch::Sender<String>,
    headers: Arc<Mutex<HeaderMap>>,
}

impl Container {
    async fn start(path: &'static str) -> Self {
        let (service, headers) = (watch::Sender::new(String::new()), Arc::new(Mutex::new(HeaderMap::new())));
        let (address, seen) = (service.clone(), Arc::clone(&headers));
        let answer = async move |headers: HeaderMap, body: Bytes| {
            *seen.lock().unwrap() = headers;
            let address = address.borrow().clone();
            run(&body, &address).await.to_string()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, Router::new().route(path, post(answer))).await });
        Self { endpoint: format!("http://localhost:{port}"), service, headers }
    }
}

/// Runs one invocation of the function.
async fn run(payload: &[u8], address: &str) -> Value {
    let input: InvocationInput = serde_json::from_slice(payload).unwrap();
    let operations = input.initial_execution_state.operations;
    let details = operations[0].execution_details().unwrap();
    let given = details.input_payload.clone().unwrap_or_default();
    let callback = operations.iter().find_map(|operation| operation.callback_details());
    match callback {
        Some(callback) if callback.result.is_some() => {
            json!({ "Status": "SUCCEEDED", "Result": callback.result })
        }
        Some(_) => json!({ "Status": "PENDING" }),
        None if given == "\"callback\"" => {
            let request = CheckpointRequest::new(
                String::new(),
                input.checkpoint_token,
                vec![OperationUpdate::start_callback("approve", None, None)],
            );
            let call = Call::on("POST", &input.durable_execution_arn, "/checkpoint");
            let call = call.body(serde_json::to_vec(&request).unwrap());
            // As containers reach a service of the machine that they run on.
            let answer =
                call.header("host", "host.docker.internal:9014").send(address.parse().unwrap()).await;
            assert_eq!(answer.status, 200);
            json!({ "Status": "PENDING" })
        }
        None => json!({ "Status": "SUCCEEDED", "Result": given }),
    }
}

async fn serve(folder: &Path) -> LocalService {
    LocalService::start(Settings::new(folder)).await.unwrap()
}

/// What the SAM command line sends.
fn start(name: &str, input: &str, endpoint: &str) -> Value {
    json!({
        "AccountId": "123456789012",
        "FunctionName": "function",
        "FunctionQualifier": "$LATEST",
        "ExecutionName": name,
        "ExecutionTimeoutSeconds": 60,
        "ExecutionRetentionPeriodDays": 3,
        "Input": input,
        "LambdaEndpoint": endpoint,
    })
}

async fn send(service: &LocalService, request: &Value) -> Answer {
    Call::post("/start-durable-execution").body(request.to_string()).send(service.address().unwrap()).await
}

async fn started(service: &LocalService, request: &Value) -> String {
    let answer = send(service, request).await;
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["ExecutionArn"].as_str().unwrap().to_owned()
}

async fn describe(service: &LocalService, arn: &str) -> Value {
    Call::on("GET", arn, "").send(service.address().unwrap()).await.json()
}

/// The execution, once it has ended.
async fn ended(service: &LocalService, arn: &str) -> Value {
    let ended = async {
        loop {
            let execution = describe(service, arn).await;
            if execution["Status"] != "RUNNING" {
                return execution;
            }
        }
    };
    timeout(PATIENCE, ended).await.unwrap()
}

/// The id of the callback that the execution waits for, once its invocation is over.
async fn callback(service: &LocalService, arn: &str) -> String {
    let waiting = async {
        loop {
            let history = Call::on("GET", arn, "/history").send(service.address().unwrap()).await.json();
            let events = history["Events"].as_array().unwrap();
            if events.iter().any(|event| event["EventType"] == "InvocationCompleted") {
                return events[1]["CallbackStartedDetails"]["CallbackId"].as_str().unwrap().to_owned();
            }
        }
    };
    timeout(PATIENCE, waiting).await.unwrap()
}

async fn answer(service: &LocalService, callback_id: &str) {
    let id = super::client::encoded(callback_id).replace('+', "%2B").replace('=', "%3D");
    let path = format!("/2025-12-01/durable-execution-callbacks/{id}/succeed");
    assert_eq!(Call::post(path).body("\"yes\"").send(service.address().unwrap()).await.status, 200);
}

const EMULATOR: &str = "/2015-03-31/functions/function/invocations";

#[tokio::test]
async fn a_function_in_a_container_runs_though_nobody_else_told_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (service, container) = (serve(folder.path()).await, Container::start(EMULATOR).await);
    let mut request = start("by-sam", r#"{"items":[1]}"#, &container.endpoint);
    request["TenantId"] = json!("blue");
    request["TraceFields"] = json!({ "Lineage": "5:6", "span_id": "4", "Sampled": 1, "Root": "1-2-3" });

    let arn = started(&service, &request).await;
    let execution = ended(&service, &arn).await;

    assert!(arn.contains(":function:function:$LATEST/durable-execution/by-sam/"), "{arn}");
    assert_eq!(
        (&execution["Status"], &execution["Result"]),
        (&json!("SUCCEEDED"), &json!(r#"{"items":[1]}"#))
    );
    assert_eq!(execution["DurableConfig"], json!({ "ExecutionTimeout": 60, "RetentionPeriodInDays": 3 }));
    let trace = "Root=1-2-3;Parent=4;Sampled=1;Lineage=5:6";
    assert_eq!(execution["TraceHeader"], json!({ "XAmznTraceId": trace }));
    let headers = container.headers.lock().unwrap().clone();
    assert_eq!(
        (&headers["x-amz-tenant-id"], &headers["x-dex-handler-invoke"]),
        (&"blue".parse().unwrap(), &"true".parse().unwrap())
    );
}

#[tokio::test]
async fn what_the_command_line_leaves_open_is_as_usual() {
    let folder = tempfile::tempdir().unwrap();
    let (service, container) = (serve(folder.path()).await, Container::start(EMULATOR).await);
    let mut request = start("x", "plain text", &container.endpoint);
    for member in ["ExecutionName", "ExecutionTimeoutSeconds", "ExecutionRetentionPeriodDays"] {
        request[member] = json!(null);
    }

    let first = started(&service, &request).await;
    let second = started(&service, &request).await;

    assert_ne!(first, second);
    assert_eq!(ended(&service, &first).await["Result"], json!("\"plain text\""));
}

#[tokio::test]
async fn an_execution_goes_on_in_its_container_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (service, container) = (serve(folder.path()).await, Container::start(EMULATOR).await);
    container.service.send_replace(service.address().unwrap().to_string());
    let arn = started(&service, &start("by-sam", "\"callback\"", &container.endpoint)).await;
    let callback_id = callback(&service, &arn).await;
    service.shutdown().await;

    let service = serve(folder.path()).await;
    answer(&service, &callback_id).await;

    assert_eq!(ended(&service, &arn).await["Result"], json!("\"yes\""));
}

#[tokio::test]
async fn functions_are_looked_for_where_the_service_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let service = serve(folder.path()).await;
    let container = Container::start("/2015-03-31/functions/order/invocations").await;
    let mut request = start("x", "[1]", "");
    request["FunctionName"] = json!("order");
    request.as_object_mut().unwrap().remove("LambdaEndpoint");

    let before = send(&service, &request).await;
    let body = json!({ "EndpointUrl": container.endpoint, "RegionName": "us-east-1" });
    let response =
        Call::new("PUT", "/lambda-endpoint").body(body.to_string()).send(service.address().unwrap()).await;

    assert_eq!((before.status, before.header("x-amzn-errortype")), (404, Some("ResourceNotFoundException")));
    assert_eq!(response.status, 200);
    let arn = started(&service, &request).await;
    assert_eq!(ended(&service, &arn).await["Result"], json!("[1]"));
}

#[tokio::test]
async fn a_function_of_the_service_itself_runs_there() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let mut request = start("by-sam", "[1]", "http://127.0.0.1:1");
    request["FunctionName"] = json!("order");

    let arn = started(host.service(), &request).await;

    assert_eq!(ended(host.service(), &arn).await["Result"], json!("[1]"));
}

#[tokio::test]
async fn starts_that_make_no_sense_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let service = serve(folder.path()).await;

    for (member, value, status) in [
        ("LambdaEndpoint", json!("https://localhost:1"), 400),
        ("LambdaEndpoint", json!("localhost:1"), 400),
        ("LambdaEndpoint", json!(null), 404),
        ("FunctionName", json!("a b"), 400),
        ("FunctionName", json!(7), 400),
        ("FunctionQualifier", json!("a b"), 400),
        ("ExecutionName", json!("a b"), 400),
        ("ExecutionTimeoutSeconds", json!(0), 400),
        ("ExecutionRetentionPeriodDays", json!(91), 400),
        ("TenantId", json!(""), 400),
        ("TraceFields", json!({ "Root": "x".repeat(8_192) }), 400),
        ("Input", json!("x".repeat(1_048_577)), 413),
    ] {
        let mut request = start("x", "1", "http://localhost:1");
        request[member] = value;
        assert_eq!(send(&service, &request).await.status, status, "{member}");
    }
    for body in
        ["{}", r#"{"EndpointUrl":"https://a"}"#, r#"{"EndpointUrl":"http://a","RegionName":"eu-west-1"}"#]
    {
        let response = Call::new("PUT", "/lambda-endpoint").body(body).send(service.address().unwrap()).await;
        assert_eq!(response.status, 400, "{body}");
    }
}
