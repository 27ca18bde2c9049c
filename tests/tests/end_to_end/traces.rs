//! `durable run --otlp` exports what a function does that knows nothing of traces.

use std::collections::HashSet;

use durable_tests::trace_receiver::TraceReceiver;

use crate::workplace::{Workplace, json, text};

const ORDER: &str = r#"{ "id": "o-1", "items": [{ "name": "lamp", "price_cents": 4900 }], "settle_seconds": 1,
    "busy_gateway": 1 }"#;

#[test]
fn an_execution_of_a_process_is_a_trace() {
    let (workplace, receiver) = (Workplace::new(), TraceReceiver::start().unwrap());

    let output = workplace.order(&["--input", ORDER, "--otlp", &receiver.endpoint()]).output().unwrap();

    json(&output);
    assert_eq!(
        receiver.tree(),
        [
            "order: DurableExecutionRoot",
            "  order: Invocation",
            "  order: Invocation",
            "  order: Invocation",
            "  order: Workflow",
            "    order: charge",
            "      order: charge attempt 1",
            "      order: charge attempt 2",
            "    order: reserve",
            "      order: reserve attempt 1",
            "    order: settle",
            "    order: ship",
            "      order: label",
            "        order: label attempt 1",
            "      order: pack",
            "        order: pack attempt 1",
        ]
    );
    let spans = receiver.spans();
    let traces: HashSet<_> = spans.iter().map(|span| &span.trace_id).collect();
    assert_eq!(traces.len(), 1);
    let invocations: Vec<_> =
        spans.iter().filter(|span| span.name == "Invocation").map(|span| span.id.clone()).collect();
    let links = |name| receiver.find("order", name).unwrap().links;
    assert_eq!(links("charge attempt 1"), invocations[..1]);
    assert_eq!(links("charge attempt 2"), invocations[1..2]);
    assert_eq!(links("ship"), invocations[2..]);
}

#[test]
fn an_endpoint_that_is_not_there_changes_nothing() {
    let workplace = Workplace::new();

    let output = workplace.order(&["--input", ORDER, "--otlp", "http://127.0.0.1:1"]).output().unwrap();

    json(&output);
    assert!(text(&output.stderr).contains("traces cannot be sent to http://127.0.0.1:1/v1/traces"));
}
