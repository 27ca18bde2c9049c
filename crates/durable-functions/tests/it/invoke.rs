//! Invocations find a process, and processes find their invocations.

use std::net::SocketAddr;
use std::time::Duration;

use durable_functions::{FunctionPool, FunctionSettings, InvocationFailure};
use durable_types::{ErrorObject, Timestamp};
use serde_json::{Value, json};

use crate::fixture::{Host, PATIENCE, guest, invocation};

#[tokio::test]
async fn a_function_gets_its_event_and_its_answer_comes_back() {
    let host = Host::start(guest());

    let answer = host.ask(json!({ "do": "echo", "order": 7 })).await.unwrap();

    assert_eq!(answer["event"], json!({ "do": "echo", "order": 7 }));
    let headers = &answer["headers"];
    assert_eq!(headers["lambda-runtime-aws-request-id"], "r-1");
    assert_eq!(headers["lambda-runtime-invoked-function-arn"], invocation(&Value::Null).function_arn);
    assert_eq!(headers["lambda-runtime-trace-id"], "Root=1");
    assert_eq!(headers["lambda-runtime-client-context"], r#"{"custom":{"app":"shop"}}"#);
    assert_eq!(headers["lambda-runtime-aws-tenant-id"], "blue");
}

#[tokio::test]
async fn a_function_is_told_when_its_time_is_over() {
    let mut settings = guest();
    settings.timeout = Duration::from_secs(1_000);
    let host = Host::start(settings);

    let answer = host.ask(json!({ "do": "echo" })).await.unwrap();

    let deadline: i64 = answer["headers"]["lambda-runtime-deadline-ms"].as_str().unwrap().parse().unwrap();
    let since_epoch = std::time::UNIX_EPOCH.elapsed().unwrap();
    let left =
        Timestamp::from_millis(deadline).saturating_since(Timestamp::EPOCH.saturating_add(since_epoch));
    assert!((900..=1_000).contains(&left.as_secs()), "{left:?}");
}

#[tokio::test]
async fn a_function_finds_the_environment_of_lambda_and_nothing_else_of_the_service() {
    let mut settings = guest();
    settings.memory_mb = 512;
    settings.environment.insert("TABLE".to_owned(), "orders".to_owned());
    settings.environment.insert("TZ".to_owned(), "Europe/Berlin".to_owned());
    let host = Host::start(settings);

    let answer = host.ask(json!({ "do": "echo" })).await.unwrap();

    let environment = answer["environment"].as_object().unwrap();
    let runtime_api = environment["AWS_LAMBDA_RUNTIME_API"].as_str().unwrap();
    assert!(runtime_api.parse::<SocketAddr>().is_ok_and(|api| api.ip().is_loopback()), "{runtime_api}");
    for (name, expected) in [
        ("AWS_ENDPOINT_URL_LAMBDA", format!("http://{}", crate::fixture::SERVICE).as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_LAMBDA_FUNCTION_NAME", "guest"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/guest"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("LANG", "en_US.UTF-8"),
        ("PATH", std::env::var("PATH").unwrap().as_str()),
        ("TABLE", "orders"),
        ("TZ", "Europe/Berlin"),
    ] {
        assert_eq!(environment[name], expected, "{name}");
    }
    for name in
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_LOG_STREAM_NAME"]
    {
        assert!(environment.contains_key(name), "{name}");
    }
    // Cargo sets this variable for the test process.
    assert!(!environment.contains_key("CARGO_MANIFEST_DIR"));
}

#[tokio::test]
async fn an_error_of_the_function_is_handed_on_and_its_process_kept() {
    let host = Host::start(guest());
    let before = host.process_id().await;

    let failure = host.ask(json!({ "do": "fail" })).await.unwrap_err();

    let mut error = ErrorObject::new("Payment", "declined");
    error.stack_trace = Some(vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(failure, InvocationFailure::Handler(error));
    assert_eq!(host.process_id().await, before);
}

#[tokio::test]
async fn a_warm_process_serves_the_next_invocation() {
    let host = Host::start(guest());

    let first = host.process_id().await;

    for _ in 0..20 {
        assert_eq!(host.process_id().await, first);
    }
}

#[test]
fn a_process_does_not_end_with_the_thread_that_needed_it_first() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let host = Host::start(guest());

    let first = std::thread::scope(|scope| {
        let other = || tokio::runtime::Runtime::new().unwrap().block_on(host.process_id());
        scope.spawn(other).join().unwrap()
    });

    assert_eq!(runtime.block_on(host.process_id()), first);
}

#[tokio::test]
async fn invocations_at_once_have_a_process_each() {
    let host = Host::start(guest());

    let (first, second) = tokio::join!(host.process_id(), host.process_id());

    assert_ne!(first, second);
}

#[tokio::test]
async fn invocations_beyond_the_concurrency_wait_for_a_process() {
    let mut settings = guest();
    settings.concurrency = 1;
    let host = Host::start(settings);

    let (first, second, third) = tokio::join!(host.process_id(), host.process_id(), host.process_id());

    assert_eq!([second, third], [first; 2]);
}

#[tokio::test]
async fn a_function_nobody_added_is_not_found() {
    let host = Host::start(guest());

    let failure = host.pool.invoke("ghost", invocation(&Value::Null)).await.unwrap_err();

    assert_eq!(
        failure.into_error(),
        ErrorObject::new("ResourceNotFoundException", "Function not found: ghost")
    );
}

#[tokio::test]
async fn a_function_that_is_replaced_gets_new_processes() {
    let host = Host::start(guest());
    let before = host.process_id().await;
    let mut settings = guest();
    settings.environment.insert("TABLE".to_owned(), "orders".to_owned());

    host.pool.add(settings);

    let answer = host.ask(json!({ "do": "echo" })).await.unwrap();
    assert_eq!(answer["environment"]["TABLE"], "orders");
    tokio::task::spawn_blocking(move || crate::fixture::assert_ends(before)).await.unwrap();
}

#[tokio::test]
async fn what_a_function_prints_comes_line_by_line() {
    let mut settings = guest();
    settings.concurrency = 1;
    let host = Host::start(settings);

    host.ask(json!({ "do": "print" })).await.unwrap();
    host.pool.shutdown().await;

    let lines = host.lines();
    assert!(lines.contains(&"Stdout to stdout".to_owned()), "{lines:?}");
    assert!(lines.contains(&"Stderr to stderr, without an end".to_owned()), "{lines:?}");
}

#[tokio::test]
async fn what_a_process_prints_is_told_with_the_log_stream_that_the_process_knows() {
    let host = Host::start(guest());

    let answer = host.ask(json!({ "do": "echo" })).await.unwrap();

    let known = answer["environment"]["AWS_LAMBDA_LOG_STREAM_NAME"].as_str().unwrap();
    let log_streams = host.log_streams.lock().unwrap().clone();
    assert!(!log_streams.is_empty() && log_streams.iter().all(|stream| stream == known), "{log_streams:?}");
    let (date, id) = known.split_once("/[$LATEST]").unwrap();
    let today = Timestamp::EPOCH.saturating_add(std::time::UNIX_EPOCH.elapsed().unwrap()).to_string();
    assert!(today.replace('-', "/").starts_with(date) && date.len() == 10, "{known}");
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{known}");
}

#[tokio::test]
async fn a_process_that_ends_during_an_invocation_is_reported() {
    let host = Host::start(guest());

    host.ask_for_error(json!({ "do": "exit" })).await;
    host.pool.shutdown().await;

    let lines = host.lines();
    let said: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("Platform ")).collect();
    let [start, failure, end, report] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(
        [*start, *failure, *end],
        [
            "START RequestId: r-1 Version: $LATEST",
            "RequestId: r-1 Error: Runtime exited with error: exit status 3",
            "END RequestId: r-1",
        ]
    );
    assert!(report.ends_with("\tStatus: error\tError Type: Runtime.ExitError"), "{report}");
}

#[tokio::test]
async fn a_function_that_prints_without_end_into_a_stuck_sink_delays_neither_itself_nor_others() {
    let (unblock, blocked) = std::sync::mpsc::channel::<()>();
    let blocked = std::sync::Mutex::new(blocked);
    let mut settings = guest();
    settings.concurrency = 1;
    let host = Host::start_printing(settings, move |_| {
        // The sink blocks until the test ends.
        let _ = blocked.lock().unwrap().recv();
    });
    let mut neighbour = guest();
    neighbour.name = "neighbour".to_owned();
    host.pool.add(neighbour);

    let served = async {
        host.ask(json!({ "do": "print without end" })).await.unwrap();
        for _ in 0..10 {
            let task = invocation(&json!({ "do": "echo" }));
            host.pool.invoke("neighbour", task).await.unwrap();
            host.ask(json!({ "do": "echo" })).await.unwrap();
        }
    };
    let served = tokio::time::timeout(PATIENCE, served).await;
    let ended = tokio::time::timeout(PATIENCE, host.pool.shutdown()).await;

    drop(unblock);
    assert_eq!((served, ended), (Ok(()), Ok(())));
}

#[tokio::test]
async fn a_function_is_served_under_any_name() {
    let mut settings = guest();
    settings.name = "an odd/name?".to_owned();
    let host = Host::start(settings);

    let answer = host.pool.invoke("an odd/name?", invocation(&json!({ "do": "echo" }))).await;

    assert!(answer.is_ok(), "{answer:?}");
}

#[test]
fn a_pool_can_be_shared_between_threads() {
    fn is_shareable<T: Clone + Send + Sync + 'static>() {}

    is_shareable::<FunctionPool>();
    is_shareable::<FunctionSettings>();
}
