//! `durable dev --otlp` exports what Python functions do, which receive a place in the trace.

use std::collections::HashSet;

use durable_tests::trace_receiver::TraceReceiver;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::language::{Language, SCRIPTS};
use crate::project::{Project, eventually};

fn durable_toml(endpoint: &str) -> String {
    let interpreter = Language::Python.interpreter();
    let function = |name: &str| {
        format!(
            "[functions.{name}]\nruntime = \"python\"\ninterpreter = \"{interpreter}\"\nhandler = \"traces.{name}\"\n\
             folder = \"{SCRIPTS}\"\nenvironment = {{ PYTHONDONTWRITEBYTECODE = \"1\" }}\ntimeout = 60\n"
        )
    };
    format!("[service]\notlp = \"{endpoint}\"\n{}{}", function("called"), function("calling"))
}

#[test]
fn executions_of_python_functions_are_one_trace() {
    if Language::Python.is_missing() {
        return;
    }
    let receiver = TraceReceiver::start().unwrap();
    let project = Project::serve_configured(TempDir::new().unwrap(), &durable_toml(&receiver.endpoint()));

    let arn = project.start("calling", &json!({}));
    let execution = project.closed(&arn);
    eventually(|| receiver.find("calling", "Workflow"));

    assert_eq!(
        receiver.tree(),
        [
            "calling: DurableExecutionRoot",
            "  calling: Invocation",
            "  calling: Invocation",
            "  calling: Invocation",
            "  calling: Workflow",
            "    calling: call",
            "      called: Invocation",
            "      called: Workflow",
            "        called: look",
            "          called: look attempt 1",
            "    calling: settle",
        ]
    );
    let traces: HashSet<_> = receiver.spans().into_iter().map(|span| span.trace_id).collect();
    assert_eq!(traces.len(), 1);
    let call = receiver.find("calling", "call").unwrap();
    let result: Value = serde_json::from_str(execution["Result"].as_str().unwrap()).unwrap();
    let (time, rest) = call.trace_id.split_at(8);
    assert_eq!(result, json!(format!("Root=1-{time}-{rest};Parent={};Sampled=1", call.id)));
}
