//! What plugins cost, in instructions per operation: none, one whose hooks do nothing, and OpenTelemetry.
//!
//! `cargo bench -p durable-otel --bench plugin_cost` counts with Valgrind, which has to be installed. Each figure is the
//! difference between two executions that differ in their number of steps, divided by that difference.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement prints its figures, and stops at the first failure"
)]

use std::process::Command;
use std::sync::Mutex;

use durable_core::driver::Invocation;
use durable_core::lambda::LambdaContext;
use durable_core::plugin::{Plugin, Plugins};
use durable_core::transport::{Transport, TransportError};
use durable_core::{DurableContext, Result};
use durable_otel::Otel;
use durable_types::api::{
    CheckpointRequest, CheckpointResponse, CheckpointUpdatedExecutionState, GetStateRequest, GetStateResponse,
};
use durable_types::{
    ExecutionDetails, InitialExecutionState, InvocationInput, Operation, OperationAction, OperationStatus,
    OperationType, StepDetails, Timestamp,
};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:bench:1/durable-execution/run/1";
const FEW: u32 = 500;
const MANY: u32 = 1_500;

/// A plugin whose hooks do nothing.
struct Noop;

impl Plugin for Noop {}

/// An exporter that drops what it gets.
#[derive(Debug)]
struct Discard;

impl SpanExporter for Discard {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        drop(std::hint::black_box(batch));
        Ok(())
    }
}

/// A service that records steps at once.
struct Instant(Mutex<i64>);

impl Transport for Instant {
    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        let mut clock = self.0.lock().expect("nothing panics");
        *clock += 1;
        let ends = request.updates.into_iter().filter(|update| update.action == OperationAction::Succeed);
        let records = ends.map(|update| {
            let mut record =
                Operation::new(update.operation_id, OperationType::Step, OperationStatus::Succeeded);
            record.name = update.name;
            record.sub_type = update.sub_type;
            finish(&mut record, update.result, *clock);
            record
        });
        let mut response = CheckpointResponse::new(Some("token".to_owned()));
        response.new_execution_state = CheckpointUpdatedExecutionState::new(records.collect(), None);
        Ok(response)
    }

    async fn get_state(&self, _: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        Err(TransportError::invocation("there is one page"))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(*self.0.lock().expect("nothing panics"))
    }

    fn timestamp_resolution(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }
}

fn finish(record: &mut Operation, result: Option<String>, at: i64) {
    let mut details = StepDetails::new(result, None);
    details.attempt = Some(1);
    record.details = Some(details.into());
    record.start_timestamp = Some(Timestamp::from_millis(at));
    record.end_timestamp = Some(Timestamp::from_millis(at));
}

async fn steps(count: u32, ctx: DurableContext) -> Result<u64> {
    let mut sum = 0;
    for order in 0..count {
        sum += ctx.step("step", async |_| Ok(u64::from(order))).await?;
    }
    Ok(sum)
}

fn input(count: u32, recorded: Vec<Operation>) -> InvocationInput {
    let mut execution = Operation::new("1", OperationType::Execution, OperationStatus::Started);
    execution.start_timestamp = Some(Timestamp::EPOCH);
    execution.details = Some(ExecutionDetails::new(Some(count.to_string())).into());
    let operations = std::iter::once(execution).chain(recorded).collect();
    InvocationInput::new(ARN, "token", InitialExecutionState::new(operations, None))
}

fn plugins(kind: &str) -> Plugins {
    match kind {
        "none" => Plugins::default(),
        "noop" => Plugins::default().with(|_| Noop),
        "otel" => Otel::builder().exporter(Discard).build().expect("the settings are valid").plugins(),
        _ => panic!("{kind} is none of none, noop, otel"),
    }
}

/// Records the steps of a first invocation.
struct Recorder(Instant, Mutex<Vec<Operation>>);

impl Transport for Recorder {
    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        let response = self.0.checkpoint(request).await?;
        let records = response.new_execution_state.operations.iter().cloned();
        self.1.lock().expect("nothing panics").extend(records);
        Ok(response)
    }

    async fn get_state(&self, request: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        self.0.get_state(request).await
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn timestamp_resolution(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }
}

async fn invoke(transport: &impl Transport, input: InvocationInput, plugins: &Plugins) {
    let context = LambdaContext::new("request", Timestamp::from_millis(1 << 40));
    let output = Invocation::new(input, context).plugins(plugins).drive(transport, &steps).await;
    std::hint::black_box(output.expect("the invocation answers"));
}

/// Runs the workload once.
fn run(mode: &str, kind: &str, count: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let plugins = plugins(kind);
        match mode {
            "live" => invoke(&Instant(Mutex::new(1)), input(count, Vec::new()), &plugins).await,
            "replay" => {
                let recorder = Recorder(Instant(Mutex::new(1)), Mutex::default());
                invoke(&recorder, input(count, Vec::new()), &Plugins::default()).await;
                let recorded = recorder.1.into_inner().expect("nothing panics");
                invoke(&Instant(Mutex::new(1 << 20)), input(count, recorded), &plugins).await;
            }
            _ => panic!("{mode} is neither live nor replay"),
        }
    });
}

/// Counts the instructions of a workload in a process of its own.
fn instructions(mode: &str, kind: &str, count: u32) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([mode, kind, &count.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = text.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

fn per_operation(mode: &str, kind: &str) -> Option<u64> {
    let more = instructions(mode, kind, MANY)?.checked_sub(instructions(mode, kind, FEW)?)?;
    Some(more / u64::from(MANY - FEW))
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [mode, kind, count] = &arguments[..] {
        return run(mode, kind, count.parse().expect("a number of steps"));
    }
    println!("{:<40}{:>10}{:>10}{:>10}", "instructions per step", "none", "noop", "otel");
    // A replay needs a first invocation, which is without plugins and is subtracted.
    let live = ["none", "noop", "otel"].map(|kind| per_operation("live", kind));
    let replay = ["none", "noop", "otel"].map(|kind| per_operation("replay", kind));
    let replay = replay.map(|count| Some(count?.saturating_sub(live[0]?)));
    for (name, counts) in [("a quick step, live", live), ("a recorded step, replayed", replay)] {
        let counts = counts.map(|count| count.map_or("-".to_owned(), |count| count.to_string()));
        println!("{name:<40}{:>10}{:>10}{:>10}", counts[0], counts[1], counts[2]);
    }
}
