//! Requests that nobody sends in earnest: they are refused, and the service is none the worse for them.

mod request;
mod wire;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::{Call, encoded};
use super::eventually::{eventually, until};
use super::guest::Host;
use request::{Known, Request};

/// Requests if `DURABLE_FUZZ_REQUESTS` does not say how many.
const REQUESTS: u32 = 1_500;

/// How long an answer may take, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// The files below a folder, without the companions that SQLite makes and removes.
fn files(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let names = entries.flat_map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => files(&entry.path()).into_iter().map(|below| format!("{name}/{below}")).collect(),
            false => vec![name],
        }
    });
    names.filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm")).collect()
}

async fn history(host: &Host, arn: &str) -> Value {
    host.call(Call::on("GET", arn, "/history?IncludeExecutionData=true")).await.json()["Events"].take()
}

/// Starts an execution that waits for a callback, and gives its ARN and the callback's id.
async fn waiting(host: &Host, name: &str) -> (String, String) {
    let call = Call::invoke("\"callback - -\"").header("x-amz-invocation-type", "Event");
    let arn = host.call(call.header("x-amz-durable-execution-name", name)).await.arn();
    let id = eventually("it waits", async || {
        let history = history(host, &arn).await;
        // Its invocation is over then, so that nothing more happens by itself.
        let events = history.as_array().unwrap();
        events.iter().find(|event| event["EventType"] == "InvocationCompleted")?;
        Some(history[1]["CallbackStartedDetails"]["CallbackId"].as_str().unwrap().to_owned())
    });
    let id = id.await;
    (arn, id)
}

/// The errors that the API declares for the operation at a path; none for other paths.
fn declared_errors(path: &str) -> Option<Vec<&'static str>> {
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let errors = match segments.as_slice() {
        ["2015-03-31", "functions", _, "invocations"] => {
            vec![
                "InvalidRequestContentException",
                "ResourceNotFoundException",
                "DurableExecutionAlreadyStartedException",
                "ResourceConflictException",
            ]
        }
        ["2025-12-01", "durable-executions", _, "checkpoint" | "state"] => vec![],
        ["2025-12-01", "functions", _, "durable-executions"]
        | ["2025-12-01", "durable-executions", _, "history" | "stop"] => vec!["ResourceNotFoundException"],
        ["2025-12-01", "durable-executions", _]
        | ["2025-12-01", "durable-executions", _, "pause" | "resume"] => {
            vec!["ResourceNotFoundException", "ResourceConflictException"]
        }
        ["2025-12-01", "durable-execution-callbacks", _, "succeed" | "fail" | "heartbeat"] => {
            vec!["ResourceNotFoundException", "CallbackTimeoutException"]
        }
        _ => return None,
    };
    Some([errors, vec!["InvalidParameterValueException"]].concat())
}

/// The errors of the protocol, which every operation has.
const PROTOCOL_ERRORS: [&str; 6] = [
    "SerializationException",
    "UnknownOperationException",
    "MethodNotAllowedException",
    "RequestTooLargeException",
    "UnsupportedMediaTypeException",
    "AccessDeniedException",
];

/// Panics unless the answer is one that the API has for such a request. Gives the token of the next checkpoint, if it
/// tells one.
async fn check(host: &Host, request: &Request) -> Option<String> {
    let sent = timeout(PATIENCE, wire::send(host.service().address().unwrap(), request)).await;
    let Some(answer) = sent.unwrap_or_else(|_| panic!("no answer to {request:?}")) else {
        assert!(request.is_cut_off(), "the connection ends without an answer to {request:?}");
        return None;
    };
    assert!((200..500).contains(&answer.status), "{} answers {request:?}", answer.status);
    // What is no HTTP is refused before there is an operation that could word the error.
    // The API of CloudFormation speaks XML.
    if answer.status >= 400 && !answer.body.is_empty() && !answer.body.starts_with(b"<") {
        let error: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(error.get("message").or(error.get("Message")).is_some_and(Value::is_string), "{error}");
        let error_type = answer.error_type.unwrap_or_else(|| panic!("{error} answers {request:?}"));
        let is_declared =
            declared_errors(request.path()).is_none_or(|errors| errors.contains(&error_type.as_str()));
        assert!(
            is_declared || PROTOCOL_ERRORS.contains(&error_type.as_str()),
            "{error_type} answers {request:?}"
        );
    }
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    body.get("CheckpointToken")?.as_str().map(str::to_owned)
}

#[test]
fn whatever_is_sent_the_service_refuses_it_or_does_it_and_goes_on() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("data");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut host = runtime.block_on(Host::start(&folder));
    let hanging = || Call::invoke("\"hang\"").header("x-amz-invocation-type", "Event");
    let running = runtime.block_on(host.call(hanging())).arn();
    let token = RefCell::new(runtime.block_on(host.guest.token()));
    let (arn, callback_id) = runtime.block_on(waiting(&host, "victim"));
    let (kept, kept_callback) = runtime.block_on(waiting(&host, "kept"));
    let other = runtime.block_on(host.call(hanging())).arn();
    let before = (files(outer.path()), runtime.block_on(history(&host, &kept)));
    let requests = std::env::var("DURABLE_FUZZ_REQUESTS").map_or(REQUESTS, |text| text.parse().unwrap());
    let config = Config { cases: requests, failure_persistence: None, ..Config::default() };
    let recorded = Cell::new(0_u32);

    let known = Known { arns: vec![arn, other], running: running.clone(), callback_id };
    let fuzzed = TestRunner::new(config).run(&request::requests(&known), |request| {
        let request = request.with_token(&token.borrow());
        if let Some(next) = runtime.block_on(check(&host, &request)) {
            token.replace(next);
            recorded.set(recorded.get() + 1);
        }
        Ok(())
    });

    fuzzed.unwrap();
    // A checkpoint may end the execution at any time, after which no other is recorded.
    let is_over =
        runtime.block_on(host.call(Call::on("GET", &running, ""))).json()["Status"] != json!("RUNNING");
    let is_exercised = recorded.get() > requests / 100 || is_over;
    assert!(is_exercised, "only {} checkpoints were recorded", recorded.get());
    runtime.block_on(async {
        assert_eq!((files(outer.path()), history(&host, &kept).await), before);
        host.shutdown().await;
        host = Host::start(&folder).await;
        assert_eq!(history(&host, &kept).await, before.1);
        let path = format!("/2025-12-01/durable-execution-callbacks/{}/succeed", encoded(&kept_callback));
        assert_eq!(host.call(Call::post(path).body("\"yes\"")).await.status, 200);
        until("it succeeds", async || {
            host.call(Call::on("GET", &kept, "")).await.json()["Status"] == json!("SUCCEEDED")
        })
        .await;
        assert_eq!(host.call(Call::invoke("[1]")).await.json(), json!([1]));
        // Hangs otherwise until what hangs is given up.
        host.shutdown().await;
    });
}

#[tokio::test]
async fn clients_that_say_nothing_or_half_of_it_keep_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let mut idle = Vec::new();
    for begun in
        ["", "POST /2015-03-31/fun", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1"]
    {
        for _ in 0..50 {
            let mut stream = TcpStream::connect(host.service().address().unwrap()).await.unwrap();
            stream.write_all(begun.as_bytes()).await.unwrap();
            idle.push(stream);
        }
    }

    let answer = timeout(PATIENCE, host.call(Call::invoke("[1]"))).await;

    assert_eq!(answer.unwrap().json(), json!([1]));
}

#[tokio::test]
async fn names_that_lead_out_of_the_folder_are_names_at_most() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("data");
    let host = Host::start(&folder).await;
    host.call(Call::invoke("[1]")).await;
    let before = files(outer.path());

    for name in ["../../escaped", "..%2f..%2fescaped", "/tmp/escaped", "%2e%2e", "..\\escaped", "a%00b"] {
        let function = format!("/2015-03-31/functions/{}/invocations?Qualifier=%24LATEST", encoded(name));
        assert!((400..500).contains(&host.call(Call::post(function).body("1")).await.status), "{name}");
        let named = Call::invoke("1").header("x-amz-durable-execution-name", name);
        assert!((400..500).contains(&host.call(named).await.status), "{name}");
        for rest in ["", "/history"] {
            assert!((400..500).contains(&host.call(Call::on("GET", name, rest)).await.status), "{name}");
        }
    }

    assert_eq!(files(outer.path()), before);
}
