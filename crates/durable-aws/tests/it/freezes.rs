//! Sandboxes that are frozen between invocations and within them, on both transports.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{BehaviorVersion, Config, Credentials, Region};
use durable_aws::{AwsSdkTransport, LambdaTransportBuilder, aws_sdk_lambda, run};
use durable_core::{DurableContext, Result};
use serde_json::json;

use crate::either::{BOTH, Kind};
use crate::fake_service::Answer;
use crate::ledger::Ledger;
use crate::sandbox::{Ending, Sandbox};

/// The variable that sets how many milliseconds a response may take; otherwise 50 seconds.
const RESPONSE_TIMEOUT: &str = "RESPONSE_TIMEOUT";
/// Short enough to pass while a sandbox is frozen.
const SHORT: (&str, &str) = (RESPONSE_TIMEOUT, "1000");
/// Longer than the short time limit.
const LONG_FREEZE: Duration = Duration::from_millis(1_200);

/// Three steps, each recorded by a checkpoint of its own.
async fn three_steps(name: String, ctx: DurableContext) -> Result<Vec<String>> {
    let mut results = Vec::new();
    for step in ["one", "two", "three"] {
        results.push(ctx.step(step, async |_| Ok(format!("{name} {step}"))).await?);
    }
    Ok(results)
}

fn response_timeout() -> Duration {
    let millis = std::env::var(RESPONSE_TIMEOUT).ok().map(|millis| millis.parse().unwrap());
    millis.map_or(Duration::from_secs(50), Duration::from_millis)
}

/// Not a test: the function that the tests start as a process of its own.
#[tokio::test]
#[ignore = "runs as a Lambda function, started by the other tests"]
async fn with_the_lean_transport() {
    let transport = LambdaTransportBuilder::from_env().unwrap().response_timeout(response_timeout());

    run(three_steps).transport(transport.build().unwrap()).await.unwrap();
}

/// Not a test, either.
#[tokio::test]
#[ignore = "runs as a Lambda function, started by the other tests"]
async fn with_the_aws_sdk() {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .endpoint_url(std::env::var("AWS_ENDPOINT_URL_LAMBDA").unwrap())
        .retry_config(RetryConfig::standard().with_max_attempts(10))
        .timeout_config(TimeoutConfig::builder().read_timeout(response_timeout()).build())
        .http_client(aws_smithy_http_client::Builder::new().build_http());

    run(three_steps).transport(AwsSdkTransport::new(Client::from_conf(config.build()))).await.unwrap();
}

fn start(kind: Kind, variables: &[(&str, &str)]) -> Sandbox {
    let function = match kind {
        Kind::Lean => "freezes::with_the_lean_transport",
        Kind::AwsSdk => "freezes::with_the_aws_sdk",
    };
    Sandbox::start(function, variables)
}

/// Checks that an execution has its result, and that the start and the end of each step are recorded once.
fn check(execution: &str, output: &serde_json::Value, ledger: &Ledger) {
    let steps = ["one", "two", "three"].map(|step| format!("{execution} {step}"));
    let result = serde_json::to_string(&steps).unwrap();
    assert_eq!(*output, json!({"Status": "SUCCEEDED", "Result": result}));
    let [one, one_ended, two, two_ended, three, three_ended] = &ledger.recorded[..] else {
        panic!("{:?}", ledger.recorded);
    };
    assert_eq!([one, two, three], [one_ended, two_ended, three_ended]);
    assert!(one != two && two != three && one != three, "{:?}", ledger.recorded);
}

/// Runs an invocation, freezes the sandbox, ends the kept connection in one way or none, and runs another invocation.
fn frozen_between_invocations(kind: Kind, ending: Ending) {
    let sandbox = start(kind, &[]);
    let mut ledger = sandbox.invoke("first");
    let arrived = sandbox.checkpoint();
    let kept = arrived.request.connection;
    arrived.record_in(&mut ledger);
    check("first", &sandbox.run_to_end(&mut ledger), &ledger);

    sandbox.freeze();
    sandbox.end_connection(kept, ending);
    sandbox.thaw();
    let mut ledger = sandbox.invoke("second");
    let arrived = sandbox.checkpoint();

    assert_ne!(arrived.request.connection, kept);
    arrived.record_in(&mut ledger);
    check("second", &sandbox.run_to_end(&mut ledger), &ledger);
}

#[test]
fn a_connection_that_the_service_closed_while_the_sandbox_was_frozen_is_replaced() {
    for kind in BOTH {
        frozen_between_invocations(kind, Ending::Closed);
    }
}

#[test]
fn a_connection_that_was_reset_while_the_sandbox_was_frozen_is_replaced() {
    for kind in BOTH {
        frozen_between_invocations(kind, Ending::Reset);
    }
}

/// The peer of the kept connection is gone and nothing says so, as after a NAT gateway forgot the connection.
#[test]
fn a_connection_that_was_silently_dropped_while_the_sandbox_was_frozen_is_given_up() {
    for kind in BOTH {
        let sandbox = start(kind, &[SHORT]);
        let mut ledger = sandbox.invoke("first");
        check("first", &sandbox.run_to_end(&mut ledger), &ledger);

        sandbox.freeze();
        sandbox.thaw();
        let mut ledger = sandbox.invoke("second");
        let lost = sandbox.checkpoint().request;
        let repeated = sandbox.checkpoint();

        assert_ne!(repeated.request.connection, lost.connection);
        assert_eq!(repeated.request.client_token(), lost.client_token());
        assert_eq!(repeated.request.body, lost.body);
        repeated.record_in(&mut ledger);
        check("second", &sandbox.run_to_end(&mut ledger), &ledger);
    }
}

#[test]
fn a_response_that_arrives_while_the_sandbox_is_frozen_is_read_afterwards() {
    for kind in BOTH {
        let sandbox = start(kind, &[]);
        let mut ledger = sandbox.invoke("order");
        let arrived = sandbox.checkpoint();

        sandbox.freeze();
        arrived.record_in(&mut ledger);
        sandbox.thaw();

        let next = sandbox.checkpoint();
        assert_eq!(next.request.body["CheckpointToken"], "1", "the first one is not repeated");
        next.record_in(&mut ledger);
        check("order", &sandbox.run_to_end(&mut ledger), &ledger);
    }
}

/// The time limit has passed when the sandbox is thawed, although the response has arrived in time.
#[test]
fn a_response_that_arrives_during_a_freeze_longer_than_its_time_limit_counts_once() {
    for kind in BOTH {
        let sandbox = start(kind, &[SHORT]);
        let mut ledger = sandbox.invoke("order");
        let arrived = sandbox.checkpoint();

        sandbox.freeze();
        arrived.record_in(&mut ledger);
        std::thread::sleep(LONG_FREEZE);
        sandbox.thaw();

        check("order", &sandbox.run_to_end(&mut ledger), &ledger);
    }
}

#[test]
fn a_checkpoint_whose_connection_is_reset_while_the_sandbox_is_frozen_is_repeated_and_recorded_once() {
    for (kind, is_recorded) in BOTH.into_iter().flat_map(|kind| [(kind, false), (kind, true)]) {
        let sandbox = start(kind, &[]);
        let mut ledger = sandbox.invoke("order");
        let lost = sandbox.checkpoint().request;

        sandbox.freeze();
        if is_recorded {
            ledger.record(&lost);
        }
        sandbox.end_connection(lost.connection, Ending::Reset);
        sandbox.thaw();
        let repeated = sandbox.checkpoint();

        assert_eq!(repeated.request.client_token(), lost.client_token());
        assert_eq!(repeated.request.body, lost.body);
        repeated.record_in(&mut ledger);
        check("order", &sandbox.run_to_end(&mut ledger), &ledger);
    }
}

#[test]
fn a_checkpoint_that_is_not_answered_while_the_sandbox_is_frozen_is_repeated_and_recorded_once() {
    for kind in BOTH {
        let sandbox = start(kind, &[SHORT]);
        let mut ledger = sandbox.invoke("order");
        let unanswered = sandbox.checkpoint();
        ledger.record(&unanswered.request);

        sandbox.freeze();
        std::thread::sleep(LONG_FREEZE);
        sandbox.thaw();
        let repeated = sandbox.checkpoint();

        assert_ne!(repeated.request.connection, unanswered.request.connection);
        assert_eq!(repeated.request.client_token(), unanswered.request.client_token());
        repeated.record_in(&mut ledger);
        check("order", &sandbox.run_to_end(&mut ledger), &ledger);
    }
}

/// A snapshot is taken once the function asks for its restore, which may happen in many sandboxes, days later.
#[test]
fn a_function_opens_no_connection_before_its_snapshot_is_restored() {
    for kind in BOTH {
        let sandbox = start(kind, &[("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")]);
        let restore = sandbox.arrived();
        assert_eq!(restore.request.path, "/2018-06-01/runtime/restore/next");
        assert_eq!(sandbox.connections(), 1, "the one to the Runtime API");

        sandbox.freeze();
        sandbox.thaw();
        restore.answer(Answer::ok(""));
        let mut ledger = sandbox.invoke("order");

        check("order", &sandbox.run_to_end(&mut ledger), &ledger);
    }
}
