//! A durable function without an SDK: a client of the Runtime API and of the durable execution API.

use std::fs::OpenOptions;
use std::io::Write;

use durable_types::{
    ErrorObject, InvocationInput, InvocationOutput, Operation, OperationStatus, OperationType,
    OperationUpdate,
};
use serde_json::{Value, json};

use crate::client::request;

/// The file in the folder of the function to which every step body appends a line.
pub(crate) const BODIES: &str = "bodies";

/// Plays the function: serves invocations until it is killed.
pub(crate) fn serve() {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    loop {
        let invocation = request("GET", &format!("{api}/2018-06-01/runtime/invocation/next"), b"");
        let id = invocation.header("lambda-runtime-aws-request-id").to_owned();
        let input: InvocationInput = serde_json::from_slice(&invocation.body).unwrap();
        let output = Order::read(input).run();
        let url = format!("{api}/2018-06-01/runtime/invocation/{id}/response");
        assert_eq!(request("POST", &url, &serde_json::to_vec(&output).unwrap()).status, 202);
    }
}

/// Plays a plain function: responds with its input.
pub(crate) fn serve_plain() {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    loop {
        let invocation = request("GET", &format!("{api}/2018-06-01/runtime/invocation/next"), b"");
        let id = invocation.header("lambda-runtime-aws-request-id").to_owned();
        let input: Value = serde_json::from_slice(&invocation.body).unwrap();
        let url = format!("{api}/2018-06-01/runtime/invocation/{id}/response");
        let output = json!({ "taxed": input }).to_string();
        assert_eq!(request("POST", &url, output.as_bytes()).status, 202);
    }
}

/// One invocation in progress.
struct Order {
    arn: String,
    token: String,
    input: Value,
    operations: Vec<Operation>,
}

impl Order {
    fn read(input: InvocationInput) -> Self {
        let operations = input.initial_execution_state.operations;
        let payload = operations[0].execution_details().unwrap().input_payload.as_deref();
        Self {
            arn: input.durable_execution_arn,
            token: input.checkpoint_token,
            input: serde_json::from_str(payload.unwrap_or("null")).unwrap(),
            operations,
        }
    }

    /// Reserves, waits if the input contains a duration, and ships.
    fn run(mut self) -> InvocationOutput {
        println!("{}", json!({ "level": "INFO", "executionArn": self.arn, "message": "an order came" }));
        eprintln!("plain words");
        if let Some(message) = self.input["fail"].as_str() {
            return InvocationOutput::Failed { error: Some(ErrorObject::new("PaymentError", message)) };
        }
        if self.input["callback"] == json!(true) {
            return self.callback();
        }
        if let Some(function) = self.input["call"].as_str().map(str::to_owned) {
            return self.call(&function);
        }
        self.step("reserve");
        if let Some(seconds) = self.input["wait"].as_u64()
            && !self.waited(seconds)
        {
            return InvocationOutput::Pending;
        }
        self.step("ship");
        InvocationOutput::Succeeded { result: Some(json!({ "shipped": self.input }).to_string()) }
    }

    /// Calls another function and returns its outcome.
    fn call(&mut self, function: &str) -> InvocationOutput {
        let Some(call) = self.operations.iter().find(|operation| operation.id == "call") else {
            let input = Some(self.input["with"].to_string());
            self.checkpoint(&[OperationUpdate::start_invoke("call", function, input).with_name("call")]);
            return InvocationOutput::Pending;
        };
        let details = call.chained_invoke_details().cloned().unwrap_or_default();
        match call.status {
            OperationStatus::Started => InvocationOutput::Pending,
            OperationStatus::Succeeded => InvocationOutput::Succeeded { result: details.result },
            _ => InvocationOutput::Failed { error: details.error.map(|error| *error) },
        }
    }

    /// Waits for a callback and returns its outcome.
    fn callback(&mut self) -> InvocationOutput {
        let Some(callback) = self.operations.iter().find(|operation| operation.id == "approve") else {
            let start = OperationUpdate::start_callback("approve", Some(60), None).with_name("approve");
            self.checkpoint(&[start]);
            return InvocationOutput::Pending;
        };
        let details = callback.callback_details().cloned().unwrap_or_default();
        match callback.status {
            OperationStatus::Started => InvocationOutput::Pending,
            OperationStatus::Succeeded => InvocationOutput::Succeeded { result: details.result },
            _ => InvocationOutput::Failed { error: details.error.map(|error| *error) },
        }
    }

    fn step(&mut self, name: &str) {
        if self.status(name) == Some(OperationStatus::Succeeded) {
            return;
        }
        let mut file = OpenOptions::new().create(true).append(true).open(self.bodies()).unwrap();
        writeln!(file, "{name}").unwrap();
        if self.input["crash in"] == json!(name) {
            std::process::abort();
        }
        let end = OperationUpdate::succeed(name, OperationType::Step, Some("null".to_owned()));
        let begin = OperationUpdate::start_step(name).with_name(name);
        self.checkpoint(&[begin, end.with_name(name).with_sub_type("Step")]);
    }

    /// Returns whether the wait has ended.
    fn waited(&mut self, seconds: u64) -> bool {
        match self.status("settle") {
            Some(status) => status == OperationStatus::Succeeded,
            None => {
                self.checkpoint(&[OperationUpdate::start_wait("settle", seconds).with_name("settle")]);
                false
            }
        }
    }

    fn status(&self, id: &str) -> Option<OperationStatus> {
        self.operations.iter().find(|operation| operation.id == id).map(|operation| operation.status.clone())
    }

    fn checkpoint(&mut self, updates: &[OperationUpdate]) {
        let service = std::env::var("AWS_ENDPOINT_URL_LAMBDA").unwrap();
        let arn = self.arn.replace('/', "%2F").replace(':', "%3A").replace('$', "%24");
        let body = json!({ "CheckpointToken": self.token, "Updates": updates }).to_string();
        let url = format!("{service}/2025-12-01/durable-executions/{arn}/checkpoint");
        let answer = request("POST", &url, body.as_bytes());
        assert_eq!(answer.status, 200);
        self.token = answer.json()["CheckpointToken"].as_str().unwrap().to_owned();
    }

    fn bodies(&self) -> std::path::PathBuf {
        std::path::Path::new(&std::env::var("LAMBDA_TASK_ROOT").unwrap()).join(BODIES)
    }
}
