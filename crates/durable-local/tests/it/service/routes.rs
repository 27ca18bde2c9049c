//! Which operation a method and a path name, and the responses to those that name none.

use serde_json::json;

use super::client::{Answer, Call, encoded};
use super::guest::Host;

const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:order";

/// The paths of all operations, with the methods that each allows.
const PATHS: [(&str, &str); 21] = [
    ("/2015-03-31/functions", "GET"),
    ("/2015-03-31/functions/order", "GET"),
    ("/2015-03-31/functions/order/configuration", "GET"),
    ("/2015-03-31/functions/order/invocations", "POST"),
    ("/2025-12-01/functions/order/durable-executions", "GET"),
    ("/2025-12-01/durable-executions", "GET"),
    ("/2025-12-01/durable-executions/a", "GET, DELETE"),
    ("/2025-12-01/durable-executions/a/history", "GET"),
    ("/2025-12-01/durable-executions/a/state", "GET"),
    ("/2025-12-01/durable-executions/a/checkpoint", "POST"),
    ("/2025-12-01/durable-executions/a/stop", "POST"),
    ("/2025-12-01/durable-executions/a/pause", "POST"),
    ("/2025-12-01/durable-executions/a/resume", "POST"),
    ("/2025-12-01/durable-execution-callbacks/a/succeed", "POST"),
    ("/2025-12-01/durable-execution-callbacks/a/fail", "POST"),
    ("/2025-12-01/durable-execution-callbacks/a/heartbeat", "POST"),
    ("/start-durable-execution", "POST"),
    ("/lambda-endpoint", "PUT"),
    ("/health", "GET"),
    ("/durable/executions", "POST"),
    ("/durable/executions/a/record", "GET"),
];

fn kind(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.header("x-amzn-errortype").unwrap_or_default())
}

#[tokio::test]
async fn an_unknown_path_is_a_typed_error() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    for path in [
        "/2025-12-01/nothing",
        "/2025-12-01/x/y",
        "/2015-03-31/functions/a/b",
        "/2015-03-31/functions/a/invocations/b",
        "/2025-12-01/durable-executions/a/b",
        "/2025-12-01/durable-executions/a/history/b",
        "/2025-12-01/durable-execution-callbacks/a/b",
        "/2025-12-01/durable-execution-callbacks/a/b/c",
        "/2025-12-01/durable-execution-callbacks/succeed",
        "/2025-12-01/durable-execution-callbacks",
        "/health/b",
        "/%68ealth",
        "/",
        "/favicon.ico",
    ] {
        let answer = host.call(Call::get(path)).await;
        let message = format!("there is no operation at `{path}`");
        assert_eq!(answer.error(), (404, "UnknownOperationException".to_owned(), "User".to_owned(), message));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert!(answer.header("x-amzn-requestid").is_some());
    }
}

#[tokio::test]
async fn another_method_is_a_typed_error() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    for (path, allowed) in PATHS {
        for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
            if allowed.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let answer = host.call(Call::new(method, path)).await;
            assert_eq!(kind(&answer), (405, "MethodNotAllowedException"), "{method} {path}");
            assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
            let message = answer.error().3;
            assert!(message.contains(path) && message.contains(allowed), "{message}");
        }
    }
}

#[tokio::test]
async fn head_is_allowed_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    for (path, allowed) in PATHS {
        let answer = host.call(Call::new("HEAD", path)).await;
        assert_eq!(kind(&answer), (405, "MethodNotAllowedException"), "{path}");
        assert_eq!((answer.header("allow"), answer.body.as_slice()), (Some(allowed), &b""[..]), "{path}");
    }
    assert_eq!(kind(&host.call(Call::new("HEAD", "/")).await), (404, "UnknownOperationException"));
    assert_eq!(kind(&host.call(Call::new("HEAD", "/nothing")).await), (404, "UnknownOperationException"));
}

#[tokio::test]
async fn a_path_may_end_with_a_slash() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let arn = host.call(Call::invoke("[1]")).await.arn();

    let all = host.call(Call::get("/2015-03-31/functions/")).await;
    let one = host.call(Call::get("/2015-03-31/functions/order/")).await;
    let invoked = host.call(Call::post("/2015-03-31/functions/order:1/invocations/").body("[2]")).await;
    let execution = host.call(Call::on("GET", &arn, "/")).await;
    let history = host.call(Call::on("GET", &arn, "/history/")).await;
    let other_method = host.call(Call::get("/2015-03-31/functions/order/invocations/")).await;

    assert_eq!(all.json()["Functions"][0]["FunctionName"], json!("order"));
    assert_eq!(one.json()["Configuration"]["FunctionName"], json!("order"));
    assert_eq!(invoked.json(), json!([2]));
    assert_eq!(execution.json()["DurableExecutionArn"], json!(arn));
    assert!(history.json()["Events"].is_array());
    assert_eq!((other_method.status, other_method.header("allow")), (405, Some("POST")));
    // It is the path of an execution whose ARN is missing, not that of all executions.
    let missing = host.call(Call::get("/2025-12-01/durable-executions/")).await;
    assert_eq!(kind(&missing), (400, "InvalidParameterValueException"));
}

#[tokio::test]
async fn an_arn_is_the_same_however_it_is_escaped() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let call = Call::invoke("\"callback - -\"").header("x-amz-invocation-type", "Event");
    let arn = host.call(call).await.arn();
    let slashes = arn.replace('/', "%2F");

    for path in [encoded(&arn), encoded(&arn).replace("%2F", "%2f"), slashes, arn.clone()] {
        let path = format!("/2025-12-01/durable-executions/{path}");
        let execution = host.call(Call::get(&path)).await;
        let history = host.call(Call::get(format!("{path}/history?MaxItems=1"))).await;
        let paused = host.call(Call::post(format!("{path}/pause"))).await;
        let resumed = host.call(Call::post(format!("{path}/resume"))).await;
        let other_method = host.call(Call::new("PUT", &path)).await;
        let other_path = host.call(Call::get(format!("{path}/nothing"))).await;

        assert_eq!(execution.json()["DurableExecutionArn"], json!(arn), "{path}");
        assert_eq!(history.json()["Events"].as_array().unwrap().len(), 1, "{path}");
        assert_eq!((paused.status, resumed.status), (202, 202), "{path}");
        assert_eq!((other_method.status, other_method.header("allow")), (405, Some("GET, DELETE")));
        assert!(other_method.error().3.contains(&path), "{path}");
        assert_eq!(other_path.error().3, format!("there is no operation at `{path}/nothing`"));
    }
}

#[tokio::test]
async fn an_empty_segment_is_an_invalid_parameter() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    for call in [
        Call::post("/2015-03-31/functions//invocations"),
        Call::get("/2025-12-01/functions//durable-executions"),
        Call::get("/2025-12-01/durable-executions//history"),
        Call::post("/2025-12-01/durable-execution-callbacks//heartbeat"),
    ] {
        assert_eq!(kind(&host.call(call).await), (400, "InvalidParameterValueException"));
    }
}

#[tokio::test]
async fn a_segment_is_unescaped_once() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let execution = host.call(Call::get("/2025-12-01/durable-executions/a%2525%252Fb")).await;
    let history = host.call(Call::get("/2025-12-01/durable-executions/a%2Fb%3Ac%25/history")).await;
    let callback =
        host.call(Call::post("/2025-12-01/durable-execution-callbacks/YQ%2FiA%3D%3D/heartbeat")).await;
    let unescaped = host.call(Call::post("/2025-12-01/durable-execution-callbacks/YQ/iA==/heartbeat")).await;
    let invalid = host.call(Call::get("/2025-12-01/durable-executions/%ff")).await;

    assert!(execution.error().3.contains("`a%25%2Fb`"), "{:?}", execution.error());
    assert!(history.error().3.contains("`a/b:c%`"), "{:?}", history.error());
    assert_eq!(callback.error(), unescaped.error());
    assert_eq!(callback.error().3, "Callback not found: YQ/iA==");
    assert_eq!(kind(&invalid), (400, "InvalidParameterValueException"));
    assert!(invalid.error().3.contains("UTF-8"), "{:?}", invalid.error());
}

#[tokio::test]
async fn a_function_is_named_by_name_or_arn_with_the_qualifier_in_either_place() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    for name in [
        "order:$LATEST",
        "order%3A%24LATEST",
        "order%3A1?Qualifier=1",
        "000000000000:function:order:7",
        "000000000000%3Afunction%3Aorder%3A7",
        &format!("{FUNCTION_ARN}?Qualifier=%24LATEST"),
        &format!("{FUNCTION_ARN}:$LATEST"),
        &encoded(&format!("{FUNCTION_ARN}:$LATEST")),
    ] {
        let (name, query) = name.split_once('?').unwrap_or((name, ""));
        let invoked =
            host.call(Call::post(format!("/2015-03-31/functions/{name}/invocations?{query}"))).await;
        let listed =
            host.call(Call::get(format!("/2025-12-01/functions/{name}/durable-executions?{query}"))).await;
        let function = host.call(Call::get(format!("/2015-03-31/functions/{name}?{query}"))).await;

        assert_eq!((invoked.status, listed.status, function.status), (200, 200, 200), "{name}");
        assert!(invoked.arn().starts_with(FUNCTION_ARN), "{name}");
        assert!(!listed.json()["DurableExecutions"].as_array().unwrap().is_empty(), "{name}");
    }
    for (name, status) in [
        ("order", 400),
        ("order:1?Qualifier=2", 400),
        ("arn:aws:lambda:eu-west-1:000000000000:function:order:1", 404),
        ("111111111111:function:order:1", 404),
        ("a%2Fb", 400),
        ("a%2525", 400),
    ] {
        let (name, query) = name.split_once('?').unwrap_or((name, ""));
        let path = format!("/2015-03-31/functions/{name}/invocations?{query}");
        assert_eq!(host.call(Call::post(path)).await.status, status, "{name}");
    }
}

#[tokio::test]
async fn unknown_query_parameters_are_ignored_and_of_duplicates_the_first_counts() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    for payload in ["1", "2", "3"] {
        host.call(Call::invoke(payload)).await;
    }

    let list = |query: &str| host.call(Call::get(format!("/2025-12-01/durable-executions?{query}")));
    let unknown = list("Colour=red&MaxItems=1&&=&x").await;
    let duplicate = list("MaxItems=2&MaxItems=1").await;
    let statuses = list("Statuses=FAILED&Statuses=SUCCEEDED").await;
    let invalid = list("MaxItems=%ff").await;

    let count = |answer: &Answer| answer.json()["DurableExecutions"].as_array().unwrap().len();
    assert_eq!([count(&unknown), count(&duplicate), count(&statuses)], [1, 2, 3]);
    assert_eq!(kind(&invalid), (400, "InvalidParameterValueException"));
    assert!(invalid.error().3.contains("UTF-8"), "{:?}", invalid.error());
}

#[tokio::test]
async fn of_duplicate_headers_the_first_counts() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let call = Call::invoke("[1]")
        .header("x-amz-invocation-type", "Event")
        .header("x-amz-invocation-type", "RequestResponse")
        .header("x-amz-durable-execution-name", "first")
        .header("x-amz-durable-execution-name", "second");
    let answer = host.call(call).await;

    assert_eq!(answer.status, 202);
    assert!(answer.arn().contains("/durable-execution/first/"), "{}", answer.arn());
}

#[tokio::test]
async fn every_response_has_a_request_id_that_no_client_chooses() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let chosen = "11111111-1111-4111-8111-111111111111";

    let mut ids = Vec::new();
    for call in [
        Call::get("/health"),
        Call::get("/nothing"),
        Call::new("PUT", "/health"),
        Call::get("/health").header("host", "evil.example"),
        Call::invoke("{"),
    ] {
        let answer = host.call(call.header("x-amzn-requestid", chosen)).await;
        ids.push(answer.header("x-amzn-requestid").unwrap().to_owned());
    }

    for id in &ids {
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_ne!(id, chosen);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

#[tokio::test]
async fn a_response_is_not_compressed() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let payload = json!("x".repeat(100_000)).to_string();

    let answer = host.call(Call::invoke(payload.as_bytes()).header("accept-encoding", "gzip, deflate")).await;

    assert_eq!((answer.header("content-encoding"), answer.body.as_slice()), (None, payload.as_bytes()));
    assert_eq!(answer.header("content-length"), Some("100002"));
}
