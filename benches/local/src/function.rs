//! The function that both services run: it records so many steps, one call each, or begins to wait.

use std::time::Instant;

use serde_json::{Value, json};

use crate::http::{Connection, segment};

/// What an execution is to do.
#[derive(Clone, Copy)]
pub enum Work {
    Steps(usize),
    Wait,
}

impl Work {
    pub fn input(self) -> Value {
        match self {
            Self::Steps(count) => json!({ "steps": count }),
            Self::Wait => json!({ "wait": 86_400 }),
        }
    }
}

/// Takes invocations from the Runtime API until it is killed.
pub fn serve_runtime(runtime_api: &str) {
    let endpoint = std::env::var("AWS_ENDPOINT_URL_LAMBDA").expect("the service tells its address");
    let mut runtime = Connection::new(runtime_api);
    let mut service = Connection::new(endpoint.trim_start_matches("http://"));
    loop {
        let invocation = runtime.call("GET", "/2018-06-01/runtime/invocation/next", "", b"");
        let output = run(&invocation.json(), &mut service);
        let id = invocation.header("lambda-runtime-aws-request-id");
        let path = format!("/2018-06-01/runtime/invocation/{id}/response");
        runtime.call("POST", &path, "", output.to_string().as_bytes());
    }
}

/// One invocation. The result is how many microseconds each checkpoint took.
pub fn run(invocation: &Value, service: &mut Connection) -> Value {
    let arn = invocation["DurableExecutionArn"].as_str().expect("an ARN");
    let path = format!("/2025-12-01/durable-executions/{}/checkpoint", segment(arn));
    let mut token = invocation["CheckpointToken"].as_str().expect("a token").to_owned();
    let operations = invocation["InitialExecutionState"]["Operations"].as_array().expect("operations");
    let payload = operations[0]["ExecutionDetails"]["InputPayload"].as_str().expect("an input");
    let input: Value = serde_json::from_str(payload).expect("JSON");
    let mut checkpoint = |updates: Value| {
        let request = json!({ "CheckpointToken": token, "Updates": updates }).to_string();
        let begin = Instant::now();
        let answer = service.call("POST", &path, "", request.as_bytes());
        let micros = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        token = answer.json()["CheckpointToken"].as_str().unwrap_or_default().to_owned();
        micros
    };
    if input["wait"].is_u64() {
        if operations.len() == 1 {
            checkpoint(
                json!([{ "Id": "wait", "Type": "WAIT", "SubType": "Wait", "Action": "START", "Name": "wait",
                "WaitOptions": { "WaitSeconds": input["wait"] } }]),
            );
        }
        return json!({ "Status": "PENDING" });
    }
    let steps = input["steps"].as_u64().expect("a number of steps");
    let took: Vec<u64> = (0..steps).map(|index| checkpoint(step(index))).collect();
    json!({ "Status": "SUCCEEDED", "Result": json!(took).to_string() })
}

/// A step that began and ended.
fn step(index: u64) -> Value {
    let update = |action| {
        json!({ "Id": format!("step-{index}"), "Type": "STEP", "SubType": "Step", "Action": action,
            "Name": format!("step-{index}") })
    };
    let mut end = update("SUCCEED");
    end["Payload"] = json!("{\"charged\":4900,\"currency\":\"EUR\"}");
    json!([update("START"), end])
}
