//! Trace headers of invocations and calls.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_service::{InvocationHeaders, StartRequest};
use durable_trace::{RemoteParent, ids};
use durable_types::OperationUpdate as U;

use super::driver::Driver;
use crate::harness::PENDING;

const HEADER: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

fn propagating() -> Driver {
    let mut driver = Driver::new();
    driver.settings.propagate_traces = true;
    driver
}

/// Starts an execution with these headers, and returns the trace header of its first invocation.
fn invoked_with(driver: &mut Driver, headers: InvocationHeaders) -> Option<String> {
    let request = StartRequest { headers, ..driver.start_request(None, Some("1")) };
    driver.request(|dispatcher, token, environment| dispatcher.start(request, token, environment));
    driver.deliver().headers.trace_header
}

fn with_header(header: &str) -> InvocationHeaders {
    InvocationHeaders { trace_header: Some(header.to_owned()), ..InvocationHeaders::default() }
}

#[test]
fn an_invocation_without_a_caller_belongs_to_the_derived_root() {
    let mut driver = propagating();

    let arn = driver.start(None);
    let header = driver.deliver().headers.trace_header.unwrap();

    let trace = ids::trace_id(arn.as_str(), driver.execution(&arn).start_timestamp()).to_string();
    let (time, rest) = trace.split_at(8);
    assert_eq!(header, format!("Root=1-{time}-{rest};Parent={};Sampled=1", ids::root(arn.as_str())));
    assert_eq!(driver.execution(&arn).headers().trace_header, None, "it is not recorded");
}

#[test]
fn a_complete_trace_header_is_passed_on_unchanged() {
    for header in [HEADER, "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00"] {
        assert_eq!(invoked_with(&mut propagating(), with_header(header)).as_deref(), Some(header));
    }
}

#[test]
fn a_trace_header_without_a_parent_is_completed() {
    let header = invoked_with(&mut propagating(), with_header("Root=1-5759e988-bd862e3fe1be46a994272793"));

    let header = header.unwrap();
    assert!(header.starts_with("Root=1-5759e988-bd862e3fe1be46a994272793;Parent="), "{header}");
}

#[test]
fn a_traceparent_in_the_client_context_is_the_caller() {
    let context =
        r#"{"custom":{"traceparent":"00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00","n":1}}"#;
    let client_context = Some(STANDARD.encode(context));

    let header = invoked_with(
        &mut propagating(),
        InvocationHeaders { client_context, ..InvocationHeaders::default() },
    );

    assert_eq!(header.as_deref(), Some(HEADER));
}

#[test]
fn what_an_operation_calls_belongs_to_its_span() {
    let mut driver = propagating();
    let caller = driver.start(None);
    let invocation = driver.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    let durable = U::start_invoke("i", "ship:3", None);
    let plain = U::start_invoke("j", "tax", None);
    let other = U::start_invoke("k", "ship:3", None).with_trace_header(HEADER);
    driver.checkpoint(&invocation, &token, vec![durable, plain, other]);
    driver.end(&invocation, PENDING);

    let operation = |id| Some(ids::operation(caller.as_str(), id));
    let parent = |header: &Option<String>| RemoteParent::parse(header.as_deref().unwrap()).span_id;
    let callees = [driver.deliver(), driver.deliver()];
    for callee in &callees {
        let recorded = driver.execution(&callee.arn).headers().trace_header.clone();
        assert_eq!(recorded, callee.headers.trace_header, "the callee keeps its place in the trace");
    }
    let parents: HashSet<_> = callees.iter().map(|callee| parent(&callee.headers.trace_header)).collect();
    assert_eq!(parents, HashSet::from([operation("i"), RemoteParent::parse(HEADER).span_id]));
    assert_eq!(parent(&driver.calls.pop_front().unwrap().headers.trace_header), operation("j"));
}

#[test]
fn without_propagation_headers_are_passed_on_as_they_are() {
    let mut driver = Driver::new();

    assert_eq!(invoked_with(&mut driver, InvocationHeaders::default()), None);
    assert_eq!(invoked_with(&mut driver, with_header("Root=?")).as_deref(), Some("Root=?"));
}
