//! The end of a function's log in the answer to Invoke.

use std::net::SocketAddr;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_local::function::{FunctionSettings, Launcher, Lifeline};
use durable_local::{FunctionDefinition, LocalService, Settings};
use serde_json::json;

use super::client::{Answer, Call};
use crate::role;

const PATH: &str = "/2018-06-01/runtime/invocation";

/// The part of the function: prints a line for each invocation, and succeeds.
pub(crate) fn serve() {
    let address: SocketAddr = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap().parse().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        for count in 1.. {
            let invocation = Call::get(format!("{PATH}/next")).send(address).await;
            let id = invocation.header("lambda-runtime-aws-request-id").unwrap().to_owned();
            println!("{}", "x".repeat(5_000));
            println!("invocation {count} of this process");
            let answer = json!({ "Status": "SUCCEEDED", "Result": "1" }).to_string();
            Call::post(format!("{PATH}/{id}/response")).body(answer).send(address).await;
        }
    });
}

async fn start(folder: &Path) -> LocalService {
    let settings = |name: &str| {
        let mut settings = FunctionSettings::new(name, role::program());
        settings.arguments = role::ARGUMENTS.into_iter().map(Into::into).collect();
        settings.environment.insert(role::ROLE.to_owned(), "printing function".to_owned());
        settings
    };
    let arguments = role::ARGUMENTS.into_iter().chain([role::LAUNCHER]).map(Into::into).collect();
    let launcher = Launcher { program: role::program(), arguments, lifeline: Lifeline::default() };
    let mut all = Settings::new(folder)
        .with_function(FunctionDefinition::process(settings("order")))
        .with_function(FunctionDefinition::process(settings("tax")).plain());
    all.launcher = Some(launcher);
    LocalService::start(all).await.unwrap()
}

async fn invoke(service: &LocalService, function: &str, log_type: Option<&str>) -> Answer {
    let call =
        Call::post(format!("/2015-03-31/functions/{function}/invocations?Qualifier=%24LATEST")).body("1");
    let call = match log_type {
        Some(log_type) => call.header("x-amz-log-type", log_type),
        None => call,
    };
    call.send(service.address()).await
}

fn log(answer: &Answer) -> Option<String> {
    let encoded = answer.header("x-amz-log-result")?;
    Some(String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap())
}

#[tokio::test]
async fn the_last_four_kilobytes_that_the_last_invocation_printed_come_with_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;

    for function in ["order", "tax"] {
        let mut count = 0;
        loop {
            count += 1;
            let answer = invoke(&service, function, Some("Tail")).await;

            let log = log(&answer).unwrap();
            assert_eq!((answer.status, answer.header("x-amz-function-error")), (200, None));
            // On a busy machine the last lines may come too late, but not time and again.
            if log.ends_with(&format!("xxx\ninvocation {count} of this process\n")) {
                assert_eq!(log.len(), 4_096);
                break;
            }
            assert!(count < 5, "{log}");
        }
    }
    service.shutdown().await;
}

#[tokio::test]
async fn a_log_comes_only_to_those_who_ask_for_it_and_wait() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;

    let without = [invoke(&service, "order", None).await, invoke(&service, "order", Some("None")).await];
    let strange = invoke(&service, "order", Some("Head")).await;
    let target = "/2015-03-31/functions/order/invocations?Qualifier=1";
    let event = Call::post(target).header("x-amz-log-type", "Tail").header("x-amz-invocation-type", "Event");
    let event = event.send(service.address()).await;

    assert!(without.iter().all(|answer| answer.status == 200 && log(answer).is_none()));
    let (status, error_type, ..) = strange.error();
    assert_eq!((status, error_type.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!((event.status, log(&event)), (202, None));
    service.shutdown().await;
}
