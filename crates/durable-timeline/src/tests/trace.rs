//! Traces of histories, as values.

use std::collections::{HashMap, HashSet};

use durable_trace::{RemoteParent, SpanId, TraceId, attribute, ids};
use durable_types::history::{
    Event, EventDetails, EventError, ExecutionFailedDetails, ExecutionStartedDetails,
    ExecutionStoppedDetails, ExecutionSucceededDetails,
};
use durable_types::{ErrorObject, Timestamp, sub_type};
use proptest::prelude::*;

use super::history::{History, at, declined};
use super::properties::event;
use crate::trace::{AttributeValue, ExecutionTrace, ParentSpan, SpanOutcome, TraceSpan};

const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:f:1/durable-execution/e/1";
const CALLER: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

fn trace() -> ExecutionTrace {
    ExecutionTrace::new(ARN, RemoteParent::default())
}

fn spans(history: &History) -> Vec<TraceSpan> {
    let mut trace = trace();
    let mut spans: Vec<_> = history.events.iter().flat_map(|event| trace.apply(event)).collect();
    spans.extend(trace.settle());
    spans
}

fn succeeded(history: History, millis: i64) -> History {
    let details = ExecutionSucceededDetails::new(None);
    history.event(millis, "", "", EventDetails::ExecutionSucceeded(details))
}

fn stopped(history: History, millis: i64) -> History {
    let details = ExecutionStoppedDetails::new(ErrorObject::new("Stopped", "by hand"));
    history.event(millis, "", "", EventDetails::ExecutionStopped(details))
}

fn find<'a>(spans: &'a [TraceSpan], name: &str) -> &'a TraceSpan {
    let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
    let [span] = found[..] else { panic!("{} spans are called {name}", found.len()) };
    span
}

fn names(spans: &[TraceSpan]) -> Vec<&str> {
    spans.iter().map(|span| &*span.name).collect()
}

/// Returns the spans as a tree, one line each.
fn tree(spans: &[TraceSpan]) -> Vec<String> {
    let mut lines = Vec::new();
    let roots = spans.iter().filter(|span| span.parent.is_none_or(|parent| parent.is_remote));
    let mut stack: Vec<_> = roots.rev().map(|root| (0, root)).collect();
    while let Some((depth, span)) = stack.pop() {
        lines.push(format!("{}{}", "  ".repeat(depth), line(span)));
        let children = spans.iter().filter(|child| child.parent.is_some_and(|parent| parent.id == span.id));
        let mut children: Vec<_> = children.collect();
        children.sort_by_key(|child| child.start);
        stack.extend(children.into_iter().rev().map(|child| (depth + 1, child)));
    }
    lines
}

fn line(span: &TraceSpan) -> String {
    let outcome = match &span.outcome {
        SpanOutcome::Succeeded => "ok",
        SpanOutcome::Failed(_) => "error",
        SpanOutcome::Unset => "unset",
    };
    let says = [
        attribute::OPERATION_STATUS,
        attribute::INVOCATION_STATUS,
        attribute::EXECUTION_STATUS,
        attribute::ATTEMPT_OUTCOME,
    ];
    let says: Vec<_> = says.iter().filter_map(|key| span.attribute(key)).map(ToString::to_string).collect();
    let since = |time: Timestamp| time.as_millis() - at(0).as_millis();
    let times = format!("{}..{}", since(span.start), since(span.end));
    format!("{} {times} {outcome} {}", span.name, says.join(" ")).trim_end().to_owned()
}

#[test]
fn an_execution_is_a_tree_of_operations_and_attempts_beside_its_invocations() {
    let history = History::begun()
        .context_started(10, "ship", sub_type::RUN_IN_CHILD_CONTEXT)
        .inside("ship")
        .step_started(20, "pack")
        .step_failed(30, "pack", 1, Some(5))
        .invocation_of("r-1", 0, 40, None)
        .step_started(5_030, "pack")
        .step_succeeded(5_040, "pack", 2)
        .inside("")
        .context_succeeded(5_050, "ship", sub_type::RUN_IN_CHILD_CONTEXT)
        .invocation_of("r-2", 5_030, 5_060, None);

    let spans = spans(&succeeded(history, 5_060));

    assert_eq!(
        tree(&spans),
        [
            "DurableExecutionRoot 0..0 unset",
            "  Invocation 0..40 ok PENDING",
            "  Workflow 0..5060 ok SUCCEEDED",
            "    ship 10..5050 ok SUCCEEDED",
            "      pack 20..5040 ok SUCCEEDED",
            "        pack attempt 1 20..30 error FAILED",
            "        pack attempt 2 5030..5040 ok SUCCEEDED",
            "  Invocation 5030..5060 ok SUCCEEDED",
        ]
    );
    let invocation = |request| Some(ids::invocation(ARN, request));
    assert_eq!(find(&spans, "pack attempt 1").link, invocation("r-1"));
    assert_eq!(find(&spans, "pack").link, invocation("r-2"));
    assert_eq!(find(&spans, "pack attempt 1").outcome, SpanOutcome::Failed(Some(Box::new(declined()))));
    let first =
        |span: &TraceSpan| span.attribute(attribute::INVOCATION_FIRST) == Some(&AttributeValue::Bool(true));
    let invocations: Vec<_> = spans.iter().filter(|span| span.name == "Invocation").map(first).collect();
    assert_eq!(invocations, [true, false]);
}

#[test]
fn spans_have_the_ids_of_the_plugin() {
    let history = History::begun().step(10, 20, "charge").invocation_of("r-1", 0, 30, None);

    let spans = spans(&succeeded(history, 30));

    assert!(spans.iter().all(|span| span.trace_id == ids::trace_id(ARN, at(0))));
    let id = |name| find(&spans, name).id;
    assert_eq!(id("DurableExecutionRoot"), ids::root(ARN));
    assert_eq!(id("Workflow"), ids::workflow(ARN));
    assert_eq!(id("Invocation"), ids::invocation(ARN, "r-1"));
    assert_eq!(id("charge"), ids::operation(ARN, "charge"));
    assert_eq!(id("charge attempt 1"), ids::attempt(ARN, "charge", 1, "r-1"));
}

#[test]
fn an_execution_with_a_caller_belongs_to_its_span() {
    let history = succeeded(History::begun().invocation(0, 30, None), 30);
    let mut trace = ExecutionTrace::new(ARN, RemoteParent::parse(CALLER));

    let spans: Vec<_> = history.events.iter().flat_map(|event| trace.apply(event)).collect();

    assert_eq!(names(&spans), ["Invocation", "Workflow"]);
    let caller = ParentSpan { id: SpanId::from_hex("53995c3f42cd8ad8").unwrap(), is_remote: true };
    for span in &spans {
        assert_eq!(span.parent, Some(caller));
        assert_eq!(Some(span.trace_id), TraceId::from_hex("5759e988bd862e3fe1be46a994272793"));
    }
}

#[test]
fn an_operation_is_returned_when_it_ends_if_its_invocation_is_known() {
    let history = History::begun().step(10, 20, "charge");
    let mut trace = trace();

    let begun = trace.apply(&history.events[0]);
    assert_eq!(names(&begun), ["DurableExecutionRoot"]);
    assert!(trace.handle_invocation_started("r-1", at(0)).is_empty());
    assert!(trace.apply(&history.events[1]).is_empty());
    let ended = trace.apply(&history.events[2]);

    assert_eq!(names(&ended), ["charge attempt 1", "charge"]);
    assert_eq!(ended[0].id, ids::attempt(ARN, "charge", 1, "r-1"));
}

#[test]
fn an_operation_that_ended_between_invocations_belongs_to_the_next_one() {
    let history = History::begun()
        .wait_started(10, "settle", 1)
        .invocation_of("r-1", 0, 20, None)
        .wait_ended(1_010, "settle");
    let mut trace = trace();
    let before: Vec<_> = history.events.iter().flat_map(|event| trace.apply(event)).collect();
    assert_eq!(names(&before), ["DurableExecutionRoot"]);

    let spans = trace.handle_invocation_started("r-2", at(1_010));

    assert_eq!(names(&spans), ["Invocation", "settle"]);
    assert_eq!(spans[1].link, Some(ids::invocation(ARN, "r-2")));
}

#[test]
fn an_execution_that_the_service_ends_has_a_span_and_so_have_its_open_operations() {
    let history = stopped(History::begun().step_started(10, "charge"), 50);
    let mut trace = trace();
    trace.apply(&history.events[0]);
    trace.handle_invocation_started("r-1", at(5));

    let spans: Vec<_> = history.events[1..].iter().flat_map(|event| trace.apply(event)).collect();

    assert_eq!(names(&spans), ["charge attempt 1", "charge", "Workflow"]);
    assert_eq!(
        spans.iter().map(line).collect::<Vec<_>>(),
        [
            "charge attempt 1 10..50 unset INCOMPLETE",
            "charge 10..50 unset STARTED",
            "Workflow 0..50 error STOPPED"
        ]
    );
    assert!(!trace.is_complete(), "the invocation is in flight");
    let late = History::begun().invocation_of("r-1", 5, 70, Some(declined()));
    let late = trace.apply(&late.events[1]);
    assert_eq!(late.iter().map(line).collect::<Vec<_>>(), ["Invocation 5..70 error FAILED"]);
    assert!(trace.is_complete());
}

#[test]
fn an_invocation_that_is_retried_has_no_status() {
    let history = History::begun().invocation_of("r-1", 0, 20, Some(declined()));
    let history = history.invocation_of("r-2", 1_000, 1_020, None);
    let details = ExecutionFailedDetails::new(declined());

    let spans = spans(&history.event(1_020, "", "", EventDetails::ExecutionFailed(details)));

    assert_eq!(
        tree(&spans),
        [
            "DurableExecutionRoot 0..0 unset",
            "  Invocation 0..20 unset RETRYING",
            "  Workflow 0..1020 error FAILED",
            "  Invocation 1000..1020 error FAILED",
        ]
    );
    assert_eq!(find(&spans, "Workflow").outcome, SpanOutcome::Failed(Some(Box::new(declined()))));
}

#[test]
fn an_attempt_that_an_invocation_did_not_finish_begins_in_the_one_that_did() {
    let history = History::begun()
        .step_started(10, "charge")
        .invocation_of("r-1", 0, 20, Some(declined()))
        .step_succeeded(1_010, "charge", 1)
        .invocation_of("r-2", 1_000, 1_020, None);

    let spans = spans(&history);

    let attempt = find(&spans, "charge attempt 1");
    assert_eq!((attempt.start, attempt.end), (at(1_000), at(1_010)));
    assert_eq!(attempt.id, ids::attempt(ARN, "charge", 1, "r-2"));
    assert_eq!(find(&spans, "charge").start, at(10));
}

#[test]
fn an_attempt_that_another_one_follows_is_incomplete() {
    let history = History::begun()
        .step_started(10, "charge")
        .invocation_of("r-1", 0, 20, Some(declined()))
        .step_started(1_000, "charge")
        .step_succeeded(1_010, "charge", 2)
        .invocation_of("r-2", 1_000, 1_020, None);

    let spans = spans(&history);

    assert_eq!(line(find(&spans, "charge attempt 1")), "charge attempt 1 10..1000 unset INCOMPLETE");
    assert_eq!(find(&spans, "charge attempt 1").link, Some(ids::invocation(ARN, "r-1")));
    assert_eq!(line(find(&spans, "charge attempt 2")), "charge attempt 2 1000..1010 ok SUCCEEDED");
}

#[test]
fn the_parts_of_a_wait_for_a_callback_are_named_after_it() {
    let history = History::begun()
        .context_started(10, "approve", sub_type::WAIT_FOR_CALLBACK)
        .inside("approve")
        .callback_started(20, "c", None)
        .unnamed()
        .step_started(30, "s")
        .unnamed();

    let spans = spans(&stopped(history, 40));

    assert_eq!(
        names(&spans),
        [
            "DurableExecutionRoot",
            "approve",
            "approve-callback",
            "approve-submitter attempt 1",
            "approve-submitter",
            "Workflow"
        ]
    );
}

#[test]
fn a_marker_has_no_span_and_a_decision_no_attempts() {
    let history = History::begun()
        .marker(10, "changed", sub_type::PATCH, "true")
        .marker(10, "begun", sub_type::NOW, "7")
        .marker(10, "order", sub_type::RESULT_ORDER, "1")
        .marker(10, "first", sub_type::RACE, "1");

    assert_eq!(names(&spans(&stopped(history, 20))), ["DurableExecutionRoot", "first", "Workflow"]);
}

#[test]
fn a_failed_operation_without_an_error_has_no_status() {
    let history = History::begun().callback_started(10, "approve", None);
    let details = durable_types::history::CallbackFailedDetails::new(EventError::default());
    let history = history.event(20, "approve", sub_type::CALLBACK, EventDetails::CallbackFailed(details));

    let spans = spans(&history.invocation(0, 30, None));

    assert_eq!(line(find(&spans, "approve")), "approve 10..20 unset FAILED");
}

proptest! {
    #[test]
    fn every_operation_of_any_history_is_one_span_of_a_tree(
        events in proptest::collection::vec(event(), 0..40),
        split in 0_usize..40,
    ) {
        let mut trace = trace();
        let started = EventDetails::ExecutionStarted(ExecutionStartedDetails::new(None, 60));
        let mut spans = trace.apply(&Event::new(1, Timestamp::EPOCH, started));

        for (index, event) in events.iter().enumerate() {
            if index == split {
                spans.extend(trace.handle_invocation_started("r-9", event.event_timestamp));
            }
            spans.extend(trace.apply(event));
            if index % 3 == 0 {
                spans.extend(trace.settle());
            }
        }
        let details = ExecutionStoppedDetails::new(EventError::default());
        spans.extend(trace.apply(&Event::new(99, Timestamp::from_millis(60), EventDetails::ExecutionStopped(details))));
        spans.extend(trace.settle());

        let mut operations = HashMap::new();
        for span in spans.iter().filter(|span| span.attribute(attribute::OPERATION_STATUS).is_some()) {
            *operations.entry(span.id).or_insert(0) += 1;
        }
        let expected: HashMap<_, _> = trace
            .timeline()
            .operations()
            .map(|operation| (ids::operation(ARN, operation.id.as_str()), 1))
            .collect();
        // Nothing is returned for events after the end of the execution, which no service records.
        let ended_early = events.iter().any(|event| matches!(event.details, EventDetails::ExecutionSucceeded(_)));
        if !ended_early {
            prop_assert_eq!(operations, expected);
        }
        let known: HashSet<SpanId> = spans.iter().map(|span| span.id).collect();
        for span in &spans {
            prop_assert!(span.start <= span.end);
            prop_assert!(ended_early || span.parent.is_none_or(|parent| known.contains(&parent.id)), "{span:?}");
            prop_assert_eq!(span.parent.is_none(), span.name == "DurableExecutionRoot");
        }
        let invocations = spans.iter().filter(|span| span.name == "Invocation").count();
        prop_assert_eq!(invocations, trace.timeline().invocations().len());
    }
}
