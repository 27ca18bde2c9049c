//! The end of a function's log in the answer to Invoke.

use std::net::SocketAddr;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_functions::{FunctionSettings, Launcher};
use durable_local::{FunctionDefinition, LocalService, Settings};
use serde_json::{Value, json};

use super::client::{Answer, Call};
use crate::role;

const PATH: &str = "/2018-06-01/runtime/invocation";

/// The part of the function: prints a line for each invocation, and succeeds. An order begins with a long line.
pub(crate) fn serve() {
    let address: SocketAddr = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap().parse().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        for count in 1.. {
            let invocation = Call::get(format!("{PATH}/next")).send(address).await;
            let id = invocation.header("lambda-runtime-aws-request-id").unwrap().to_owned();
            if std::env::var("AWS_LAMBDA_FUNCTION_NAME").as_deref() == Ok("order") {
                println!("{}", "x".repeat(5_000));
            }
            println!("invocation {count} of this process");
            let answer = json!({ "Status": "SUCCEEDED", "Result": "1" }).to_string();
            Call::post(format!("{PATH}/{id}/response")).body(answer).send(address).await;
        }
    });
}

pub(super) async fn start(folder: &Path) -> LocalService {
    let settings = |name: &str| {
        let mut settings = FunctionSettings::new(name, role::program());
        settings.arguments = role::ARGUMENTS.into_iter().map(Into::into).collect();
        settings.environment.insert(role::ROLE.to_owned(), "printing function".to_owned());
        settings
    };
    let arguments = role::ARGUMENTS.into_iter().chain([role::LAUNCHER]).map(Into::into).collect();
    let launcher = Launcher { program: role::program(), arguments };
    let mut all = Settings::new(folder)
        .with_function(FunctionDefinition::process(settings("order")))
        .with_function(FunctionDefinition::process(settings("tax")).plain());
    all.launcher = Some(launcher);
    LocalService::start(all).await.unwrap()
}

pub(super) async fn invoke(service: &LocalService, function: &str, log_type: Option<&str>) -> Answer {
    let call =
        Call::post(format!("/2015-03-31/functions/{function}/invocations?Qualifier=%24LATEST")).body("1");
    let call = match log_type {
        Some(log_type) => call.header("x-amz-log-type", log_type),
        None => call,
    };
    call.send(service.address().unwrap()).await
}

fn log(answer: &Answer) -> Option<String> {
    let encoded = answer.header("x-amz-log-result")?;
    Some(String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap())
}

#[tokio::test]
async fn the_log_of_an_invocation_reads_as_lambda_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;

    let cold = log(&invoke(&service, "tax", Some("Tail")).await).unwrap();
    let warm = log(&invoke(&service, "tax", Some("Tail")).await).unwrap();

    for (log, count) in [(&cold, 1), (&warm, 2)] {
        // The process is a test binary, which announces its test before it plays the function.
        let is_announcement = |line: &&str| line.is_empty() || line.starts_with("running 1 test");
        let lines: Vec<&str> = log.lines().filter(|line| !is_announcement(line)).collect();
        let [start, printed, end, report] = lines.as_slice() else { panic!("{log}") };
        let id = start.strip_prefix("START RequestId: ").unwrap().strip_suffix(" Version: $LATEST").unwrap();
        assert_eq!(*printed, format!("invocation {count} of this process"));
        assert_eq!(*end, format!("END RequestId: {id}"));
        assert!(report.starts_with(&format!("REPORT RequestId: {id}\tDuration: ")), "{report}");
        assert!(report.contains("\tMemory Size: 128 MB\t"), "{report}");
    }
    assert!(cold.contains("\tInit Duration: ") && !warm.contains("Init Duration"), "{cold}{warm}");
    service.shutdown().await;
}

#[tokio::test]
async fn four_kilobytes_of_what_the_last_invocation_printed_come_with_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;

    let answer = invoke(&service, "order", Some("Tail")).await;

    let log = log(&answer).unwrap();
    assert_eq!((answer.status, answer.header("x-amz-function-error"), log.len()), (200, None, 4_096));
    assert!(log.contains("xxx\ninvocation 1 of this process\nEND RequestId: "), "{log}");
    service.shutdown().await;
}

#[tokio::test]
async fn what_an_execution_printed_is_deleted_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let answer = invoke(&service, "order", None).await;
    let arn = answer.arn();
    invoke(&service, "tax", None).await;
    let printed = async |query: Value| {
        let call = Call::post("/").header("x-amz-target", "Logs_20140328.FilterLogEvents");
        let answer = call.body(query.to_string()).send(service.address().unwrap()).await;
        answer.json()["events"].as_array().unwrap().len()
    };
    let before = printed(json!({ "durableExecutionArn": arn })).await;
    let by_others = printed(json!({ "logGroupName": "/aws/lambda/tax" })).await;

    let deleted = Call::on("DELETE", &arn, "").send(service.address().unwrap()).await;

    assert!((200..300).contains(&deleted.status), "{}", deleted.status);
    // What the process printed at its start counts too, if it is read late.
    assert!(before >= 2, "{before}");
    assert_eq!(printed(json!({ "durableExecutionArn": arn })).await, 0);
    assert_eq!(printed(json!({ "logGroupName": "/aws/lambda/tax" })).await, by_others);
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
    let event = event.send(service.address().unwrap()).await;

    assert!(without.iter().all(|answer| answer.status == 200 && log(answer).is_none()));
    let (status, error_type, ..) = strange.error();
    assert_eq!((status, error_type.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!((event.status, log(&event)), (202, None));
    service.shutdown().await;
}
