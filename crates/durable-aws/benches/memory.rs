//! Measures the peak of the heap during an invocation with large results, recorded or new, as a multiple of their size.
//!
//! `cargo bench -p durable-aws --bench memory`

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    reason = "a measurement prints its figures, and stops at the first failure"
)]

use std::alloc::System;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;

use bytes::Bytes;
use durable_aws::{Credentials, LambdaTransport};
use durable_core::driver::Invocation;
use durable_core::lambda::LambdaContext;
use durable_core::transport::{Transport, TransportError};
use durable_core::{DurableContext, Result};
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};
use durable_types::{
    ExecutionDetails, InitialExecutionState, InvocationInput, InvocationOutput, Operation, OperationAction,
    OperationStatus, OperationType, SmallString, Timestamp,
};
use peakmem_alloc::{PeakMemAlloc, PeakMemAllocTrait};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: PeakMemAlloc<System> = PeakMemAlloc::new(System);

/// The size of a page, as the service limits it.
const PAGE_BYTES: usize = 5 * 1024 * 1024;

/// The results of an execution: how many, and of how many bytes each.
#[derive(Clone, Copy)]
struct Results {
    count: usize,
    bytes: usize,
}

/// What the handler does with a result: it keeps all of them, or each for a moment.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Keep,
    Drop,
}

/// The pages of a state as the service sends them; the first one is the payload of the invocation.
struct Pages {
    payload: &'static [u8],
    responses: &'static [Vec<u8>],
    bytes: usize,
}

fn main() {
    // `cargo test --benches` runs this too, to see whether it starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("{:<34} {:>8} {:>8} {:>6}", "results", "MB", "peak MB", "ratio");
    let few = Results { count: 200, bytes: 200_000 };
    let many = Results { count: 30_000, bytes: 1_000 };
    for (name, results, pages) in [
        ("200 of 200 KB, new", few, few.fresh()),
        ("200 of 200 KB, recorded", few, few.pages()),
        ("30,000 of 1 KB, recorded", many, many.pages()),
    ] {
        for (usage, label) in [(Use::Drop, ""), (Use::Keep, ", kept")] {
            let peak = peak(&pages, results, usage);
            let (bytes, peak) = (pages.bytes as f64 / 1e6, peak as f64 / 1e6);
            println!("{:<34} {bytes:>8.1} {peak:>8.1} {:>6.2}", format!("{name}{label}"), peak / bytes);
        }
    }
}

/// Runs an invocation, and returns the peak of the heap.
fn peak(pages: &Pages, results: Results, usage: Use) -> usize {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("the listener has an address"));
    let responses = pages.responses;
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("the transport connects");
        serve(stream, responses);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let transport = LambdaTransport::builder("eu-central-1", Credentials::new("key", "secret"))
        .endpoint_url(url)
        .build()
        .expect("the endpoint is valid");
    // Counts from zero, apart from what is already allocated.
    ALLOCATOR.reset_peak_memory();
    let payload = Bytes::from(pages.payload.to_vec());
    let input: InvocationInput = serde_json::from_slice(&payload).expect("the payload is an invocation");
    drop(payload);
    let context = LambdaContext::new("request", Timestamp::from_millis(i64::MAX / 1_000));
    let handler = async |count: usize, ctx: DurableContext| read(count, results.bytes, usage, ctx).await;
    let output = runtime.block_on(Invocation::new(input, context).drive(&transport, &handler));
    let peak = ALLOCATOR.get_peak_memory();
    assert!(matches!(output, Ok(InvocationOutput::Succeeded { .. })), "{output:?}");
    drop((transport, runtime));
    server.join().expect("the server served all pages");
    peak
}

/// Requests `count` results of `bytes` bytes each and adds up their sizes.
async fn read(count: usize, bytes: usize, usage: Use, ctx: DurableContext) -> Result<usize> {
    let (mut kept, mut sum) = (Vec::new(), 0);
    for _ in 0..count {
        let result = ctx.step("result", async |_| Ok("x".repeat(bytes))).await?;
        sum += result.len();
        if usage == Use::Keep {
            kept.push(result);
        }
    }
    Ok(sum)
}

impl Results {
    /// An execution without records, and the responses to its checkpoints.
    fn fresh(self) -> Pages {
        let payload = Self { count: 0, ..self }.pages_of(self.count).payload;
        let responses = vec![json!({"CheckpointToken": "token"}).to_string().into_bytes(); self.count];
        Pages { payload, responses: Vec::leak(responses), bytes: self.count * self.bytes }
    }

    /// The execution with all results recorded.
    fn pages(self) -> Pages {
        self.pages_of(self.count)
    }

    /// The execution with these results recorded, whose handler requests `requested` results.
    fn pages_of(self, requested: usize) -> Pages {
        let ids = ids(self.count);
        let execution = json!({"Id": "e", "Type": "EXECUTION", "Status": "STARTED",
            "ExecutionDetails": {"InputPayload": requested.to_string()}});
        let mut pages = vec![vec![execution]];
        let mut bytes = 0;
        for (index, id) in ids.iter().enumerate() {
            if bytes + self.bytes > PAGE_BYTES {
                pages.push(Vec::new());
                bytes = 0;
            }
            bytes += self.bytes;
            let record = self.record(index, id);
            pages.last_mut().expect("there is a first page").push(record);
        }
        let count = pages.len();
        let marker =
            |index: usize| if index + 1 < count { format!("page-{}", index + 1) } else { String::new() };
        let mut texts = pages.into_iter().enumerate().map(|(index, operations)| {
            let page = json!({"Operations": operations, "NextMarker": marker(index)});
            let envelope = json!({"DurableExecutionArn": "arn:x/durable-execution/a/e",
                "CheckpointToken": "token", "InitialExecutionState": page});
            if index == 0 { envelope.to_string() } else { page.to_string() }.into_bytes()
        });
        let payload = texts.next().unwrap_or_default();
        let responses: Vec<_> = texts.collect();
        let bytes = payload.len() + responses.iter().map(Vec::len).sum::<usize>();
        Pages { payload: Vec::leak(payload), responses: Vec::leak(responses), bytes }
    }

    /// The record of the step with this number.
    fn record(self, index: usize, id: &str) -> Value {
        let result = format!("\"{}\"", "x".repeat(self.bytes));
        json!({"Id": id, "Name": "result", "Type": "STEP", "SubType": "Step", "Status": "SUCCEEDED",
            "StartTimestamp": 1_767_323_045_000_i64 + index as i64,
            "EndTimestamp": 1_767_323_045_000_i64 + index as i64,
            "StepDetails": {"Attempt": 1, "Result": result}})
    }
}

/// A service that records nothing but the ids of operations.
#[derive(Default)]
struct Ids(Mutex<Vec<SmallString>>);

impl Transport for Ids {
    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        let ended = request.updates.into_iter().filter(|update| update.action == OperationAction::Succeed);
        self.0.lock().expect("nothing panics").extend(ended.map(|update| update.operation_id));
        Ok(CheckpointResponse::new(Some(request.checkpoint_token)))
    }

    async fn get_state(&self, _: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        Err(TransportError::execution("the payload was whole"))
    }
}

/// The ids of `count` results, as a first invocation records them.
fn ids(count: usize) -> Vec<SmallString> {
    let mut execution = Operation::new("e", OperationType::Execution, OperationStatus::Started);
    execution.details = Some(ExecutionDetails::new(Some(count.to_string())).into());
    let state = InitialExecutionState::new(vec![execution], None);
    let input = InvocationInput::new("arn:x/durable-execution/a/e", "token", state);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (ids, context) = (Ids::default(), LambdaContext::new("request", Timestamp::EPOCH));
    let handler = async |count: usize, ctx: DurableContext| read(count, 0, Use::Drop, ctx).await;
    let output = runtime.block_on(Invocation::new(input, context).drive(&ids, &handler));
    assert!(output.is_ok(), "{output:?}");
    ids.0.into_inner().expect("nothing panics")
}

/// Answers one request after the other with the next response.
fn serve(mut stream: TcpStream, responses: &[Vec<u8>]) {
    let mut reader = BufReader::new(stream.try_clone().expect("the socket can be shared"));
    for response in responses {
        let (mut line, mut length) = (String::new(), 0);
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).expect("the request is complete");
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().expect("a length is a number");
            }
        }
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())
            .expect("the request is complete");
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", response.len());
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(response)).expect("it is read");
    }
}
