//! Several invocations in one process at the same time, as on Lambda Managed Instances.

use std::sync::{Arc, Mutex};

use durable_aws::{AwsSdkTransport, run_concurrent};
use durable_core::driver::Invocation;
use durable_core::lambda::LambdaContext;
use durable_core::logging::log_context;
use durable_core::{DurableContext, Result};
use durable_types::{
    ExecutionDetails, InitialExecutionState, InvocationInput, InvocationOutput, Operation, OperationStatus,
    OperationType, Timestamp,
};
use serde_json::json;
use tokio::sync::Barrier;

use crate::either::{BOTH, Kind, Settings};
use crate::fake_service::{FakeService, Request};
use crate::ledger::Ledger;

const STEPS: [&str; 3] = ["one", "two", "three"];

/// Two ledgers, of the executions `a` and `b`.
type Ledgers = Arc<Mutex<[Ledger; 2]>>;

/// Not a test: the function that the tests start as a process of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs as a Lambda function, started by the other tests"]
async fn with_the_lean_transport() {
    run_concurrent(greet).await.unwrap();
}

/// Not a test, either.
#[tokio::test]
#[ignore = "runs as a Lambda function, started by the other tests"]
async fn with_the_aws_sdk() {
    run_concurrent(greet).transport(AwsSdkTransport::from_env().unwrap()).await.unwrap();
}

async fn greet(name: String, ctx: DurableContext) -> Result<Vec<String>> {
    let mut greetings = Vec::new();
    for step in STEPS {
        greetings.push(ctx.step(step, async |_| Ok(format!("{name} {step}"))).await?);
    }
    Ok(greetings)
}

fn index(request: &Request) -> usize {
    usize::from(request.path.ends_with("%2Fb/checkpoint"))
}

fn output(execution: &str) -> String {
    serde_json::to_string(&STEPS.map(|step| format!("{execution} {step}"))).unwrap()
}

/// The payload of the first invocation of an execution.
fn input(execution: &str) -> InvocationInput {
    let mut record = Operation::new(execution, OperationType::Execution, OperationStatus::Started);
    record.details = Some(ExecutionDetails::new(Some(format!("\"{execution}\""))).into());
    let arn = format!("arn:x/durable-execution/a/{execution}");
    InvocationInput::new(arn, "0", InitialExecutionState::new(vec![record], None))
}

fn context() -> LambdaContext {
    LambdaContext::new("request", Timestamp::from_millis(4_102_444_800_000))
}

/// A service with the executions `a` and `b`, and what it records of them.
async fn service() -> (FakeService, Ledgers) {
    let ledgers: Ledgers = Arc::new(Mutex::new([Ledger::new(), Ledger::new()]));
    let served = Arc::clone(&ledgers);
    let script = move |request: &Request| served.lock().unwrap()[index(request)].record(request).into();
    (FakeService::start(0, Box::new(script)).await, ledgers)
}

/// Checks that each execution recorded its own three steps, each with its start and its end.
fn check(ledgers: &Ledgers) {
    let ledgers = ledgers.lock().unwrap();
    for ledger in ledgers.iter() {
        let [one, one_ended, two, two_ended, three, three_ended] = &ledger.recorded[..] else {
            panic!("{:?}", ledger.recorded);
        };
        assert_eq!([one, two, three], [one_ended, two_ended, three_ended]);
    }
}

#[tokio::test]
async fn invocations_on_one_thread_have_their_own_scopes_tokens_and_records() {
    for kind in BOTH {
        let (service, ledgers) = service().await;
        let transport = kind.to(&service, Settings::default());
        let barrier = Barrier::new(2);
        let handler = async |name: String, ctx: DurableContext| -> Result<Vec<String>> {
            let mut seen = Vec::new();
            for step in STEPS {
                let body = async |_| {
                    // The bodies of both executions run at the same time, and take turns.
                    barrier.wait().await;
                    tokio::task::yield_now().await;
                    let scope = log_context().unwrap();
                    barrier.wait().await;
                    let step = scope.step.unwrap().operation_name.unwrap();
                    Ok(format!("{} {step}", scope.execution_arn.rsplit('/').next().unwrap()))
                };
                seen.push(ctx.step(step, body).await?);
                let outside = log_context().unwrap();
                assert!(outside.execution_arn.ends_with(&format!("/{name}")), "{outside:?}");
            }
            Ok(seen)
        };

        let [a, b] =
            ["a", "b"].map(|name| Invocation::new(input(name), context()).drive(&transport, &handler));
        let (a, b) = tokio::join!(a, b);

        let succeeded = |result| InvocationOutput::Succeeded { result: Some(result) };
        assert_eq!([a.unwrap(), b.unwrap()], [succeeded(output("a")), succeeded(output("b"))]);
        check(&ledgers);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invocations_on_several_threads_share_the_transport_and_the_handler() {
    for kind in BOTH {
        let (service, ledgers) = service().await;
        let transport = Arc::new(kind.to(&service, Settings::default()));

        let invocations = ["a", "b"].map(|name| {
            let transport = Arc::clone(&transport);
            tokio::spawn(async move {
                Invocation::new(input(name), context()).drive(&*transport, &greet).await.unwrap()
            })
        });

        for (invocation, name) in invocations.into_iter().zip(["a", "b"]) {
            let succeeded = InvocationOutput::Succeeded { result: Some(output(name)) };
            assert_eq!(invocation.await.unwrap(), succeeded);
        }
        check(&ledgers);
    }
}

#[cfg(unix)]
mod process {
    use super::*;
    use crate::fake_service::Answer;
    use crate::sandbox::Sandbox;

    #[test]
    fn a_process_serves_as_many_invocations_at_the_same_time_as_lambda_says() {
        for kind in BOTH {
            let function = match kind {
                Kind::Lean => "concurrent::with_the_lean_transport",
                Kind::AwsSdk => "concurrent::with_the_aws_sdk",
            };
            let sandbox = Sandbox::start(function, &[("AWS_LAMBDA_MAX_CONCURRENCY", "2")]);
            let mut ledgers = [sandbox.invoke("a"), sandbox.invoke("b")];

            // Neither is answered before both have arrived.
            let first = [sandbox.checkpoint(), sandbox.checkpoint()];
            assert_ne!(index(&first[0].request), index(&first[1].request));
            for arrived in first.into_iter().rev() {
                let index = index(&arrived.request);
                arrived.record_in(&mut ledgers[index]);
            }
            let mut outputs = Vec::new();
            while outputs.len() < 2 {
                let arrived = sandbox.arrived();
                if arrived.is_checkpoint() {
                    let index = index(&arrived.request);
                    arrived.record_in(&mut ledgers[index]);
                } else {
                    outputs.push(arrived.request.body.clone());
                    arrived.answer(Answer::new(202, "{}"));
                }
            }

            outputs.sort_by_key(|output| output["Result"].as_str().map(str::to_owned));
            let succeeded = |result: String| json!({"Status": "SUCCEEDED", "Result": result});
            assert_eq!(outputs, [succeeded(output("a")), succeeded(output("b"))]);
            check(&Arc::new(Mutex::new(ledgers)));
        }
    }
}
