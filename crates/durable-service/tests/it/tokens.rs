//! Checkpoint tokens and client tokens.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_service::{
    Command, Effect, Environment, Event, Execution as ExecutionState, InvocationEnd, Seed, Settings,
    StartExecution,
};
use durable_types::OperationType::{Execution, Step};
use durable_types::api::CheckpointRequest;
use durable_types::{OperationUpdate as U, Timestamp, validate};

use crate::harness::{Harness, PENDING, arn, ids, request};

#[test]
fn a_token_names_execution_invocation_and_sequence_and_holds_128_secret_bits() {
    let mut harness = Harness::new();
    let read = |token: &str| {
        let bytes = STANDARD.decode(token).unwrap();
        let (named, secret) = bytes.split_at(bytes.len() - 16);
        (String::from_utf8(named.to_vec()).unwrap(), secret.to_vec())
    };
    let (first, first_secret) = read(&harness.token);
    assert_eq!(first, "0b1c:1:0:");

    harness.record(vec![]);
    harness.record(vec![U::start_step("a")]);
    let (second, second_secret) = read(&harness.token);
    assert_eq!(second, "0b1c:1:2:");
    assert!(validate::checkpoint_token(&harness.token).is_ok());

    harness.fail("Runtime.ExitError");
    let (third, third_secret) = read(&harness.token);
    assert_eq!(third, "0b1c:2:2:");
    let distinct = std::collections::HashSet::from([first_secret, second_secret, third_secret]);
    assert_eq!(distinct.len(), 3);
}

#[test]
fn the_arn_alone_does_not_determine_a_token() {
    let other_seed = StartExecution { seed: Seed::from([8; 32]), ..request() };
    let forged = Harness::with(other_seed, Settings::default()).token;
    let mut harness = Harness::new();

    harness.token = forged;

    assert_eq!(harness.rejection(vec![U::succeed("x", Execution, None)]), "Invalid checkpoint token");
    assert_eq!(harness.state_page(None, None).unwrap_err().message, "Invalid checkpoint token");
}

#[test]
fn a_retried_request_must_contain_its_spent_token() {
    let mut harness = Harness::new();
    let mut request = harness.request(vec![U::start_step("a")], Some("client-1"));
    harness.send(request.clone()).unwrap();

    request.checkpoint_token = STANDARD.encode("0b1c:1:0");

    assert_eq!(harness.send(request).unwrap_err().message, "Invalid checkpoint token");
}

#[test]
fn debug_output_redacts_tokens() {
    let harness = Harness::new();

    let shown = format!("{:?}", harness.execution);

    assert!(!shown.contains(&harness.token), "{shown}");
}

#[test]
fn an_execution_recorded_with_guessable_tokens_continues_with_secret_ones() {
    let events: Vec<Event> = serde_json::from_str(RECORDED_EARLIER).unwrap();
    let mut execution = ExecutionState::replay(events).unwrap();
    let (settings, now) = (Settings::default(), Timestamp::from_millis(1_767_323_046_000));
    let request_id = execution.invocation_in_flight().unwrap().to_owned();

    let lost = Command::InvocationEnded { request_id, end: InvocationEnd::Lost };
    let functions = BTreeMap::new();
    let environment = Environment::new(&settings, &functions, now);
    let outcome = execution.handle(lost, environment).unwrap();

    let [Effect::Invoke(invocation)] = &outcome.effects[..] else { panic!("the function was not invoked") };
    let input = &invocation.input;
    assert_ne!(input.checkpoint_token, STANDARD.encode("0b1c:2:1"));
    assert_eq!(input.initial_execution_state.operations.len(), 2);
    let mut checkpoint = CheckpointRequest::new(arn(), STANDARD.encode("0b1c:2:1"), vec![]);
    assert!(execution.handle(Command::Checkpoint(checkpoint.clone()), environment).is_err());
    checkpoint.checkpoint_token.clone_from(&input.checkpoint_token);
    assert!(execution.handle(Command::Checkpoint(checkpoint), environment).is_ok());
}

/// Returns the events of an execution with one step, as recorded by a version with guessable tokens.
const RECORDED_EARLIER: &str = r#"
[
    {"ExecutionStarted": {
        "At": 1767323045.678901,
        "ExecutionArn": "arn:aws:lambda:eu-west-1:123456789012:function:order:7/durable-execution/order-42/0b1c",
        "Input": "{}",
        "DurableConfig": {"ExecutionTimeout": 3600},
        "ExecutionTimeout": 3600,
        "Synchronous": true,
        "Headers": {},
        "Seed": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
    }},
    {"InvocationStarted": {
        "At": 1767323045.678901, "Number": 1, "RequestId": "5f059d93-271d-84df-94a5-266d735a308c"
    }},
    {"OperationChanged": {
        "At": 1767323045.678901, "Id": "a", "SubType": "Step", "Change": {"Step": "Started"}
    }},
    {"Checkpointed": {"At": 1767323045.678901}}
]
"#;

#[test]
fn a_token_is_valid_for_one_checkpoint() {
    let mut harness = Harness::new();
    let spent = harness.request(vec![U::start_step("a")], None);
    harness.send(spent.clone()).unwrap();

    let error = harness.send(spent).unwrap_err();

    assert_eq!(error.kind.as_str(), "InvalidParameterValueException");
    assert_eq!(error.message, "Invalid checkpoint token");
}

#[test]
fn a_rejected_checkpoint_does_not_consume_its_token() {
    let mut harness = Harness::new();
    harness.rejection(vec![U::start_wait("w", 0)]);

    harness.record(vec![U::start_wait("w", 1)]);
}

#[test]
fn foreign_and_malformed_tokens_are_rejected() {
    let mut harness = Harness::new();
    for token in ["", "AAAA", "not base64", &STANDARD.encode("0b1c:1:1"), &STANDARD.encode("other:1:0")] {
        token.clone_into(&mut harness.token);
        assert_eq!(harness.rejection(vec![]), "Invalid checkpoint token");
        assert_eq!(harness.state_page(None, None).unwrap_err().message, "Invalid checkpoint token");
    }
}

#[test]
fn the_token_of_an_ended_invocation_is_rejected() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 10)]);
    let token = harness.token.clone();
    harness.answer(PENDING);
    assert_eq!(harness.rejection(vec![]), "Invalid checkpoint token");
    assert_eq!(harness.state_page(None, None).unwrap_err().message, "Invalid checkpoint token");

    harness.elapse(10);
    harness.token = token;
    assert_eq!(harness.rejection(vec![]), "Invalid checkpoint token");
}

#[test]
fn reading_the_state_does_not_consume_the_token() {
    let mut harness = Harness::new();

    harness.state_page(None, None).unwrap();
    harness.state_page(None, None).unwrap();

    harness.record(vec![]);
}

#[test]
fn an_ended_execution_has_no_token() {
    let mut harness = Harness::new();
    let token = harness.token.clone();

    let response = harness.checkpoint(vec![U::succeed("x", Execution, None)]).unwrap();

    assert_eq!(response.checkpoint_token, None);
    assert_eq!(ids(&response.new_execution_state.operations), ["0b1c"]);
    harness.token = token;
    assert_eq!(harness.rejection(vec![]), "Invalid checkpoint token");
}

#[test]
fn a_retried_request_is_answered_again_and_recorded_once() {
    let mut harness = Harness::new();
    let request = harness.request(vec![U::start_step("a"), U::start_wait("w", 10)], Some("client-1"));
    let first = harness.send(request.clone()).unwrap();
    let events = harness.events.len();
    let before = harness.execution.clone();
    harness.advance(899);

    let second = harness.send(request).unwrap();

    assert_eq!(second, first);
    assert_eq!(harness.events.len(), events);
    assert_eq!(harness.execution, before);
    harness.record(vec![U::succeed("a", Step, None)]);
}

#[test]
fn a_request_that_ended_the_execution_may_be_retried() {
    let mut harness = Harness::new();
    let request = harness.request(vec![U::succeed("x", Execution, Some("1".to_owned()))], Some("client-1"));
    let first = harness.send(request.clone()).unwrap();

    assert_eq!(harness.send(request).unwrap(), first);
    assert_eq!(harness.closed, 1);
}

#[test]
fn changes_since_the_first_response_are_returned_by_the_next_checkpoint() {
    let mut harness = Harness::new();
    let request = harness.request(vec![U::start_wait("w", 10)], Some("client-1"));
    let first = harness.send(request.clone()).unwrap();
    harness.elapse(10);

    let second = harness.send(request).unwrap();
    let next = harness.record(vec![]);

    assert_eq!(second, first, "the responses differ");
    assert_eq!(next[0].status.as_str(), "SUCCEEDED");
}

#[test]
fn a_request_that_differs_is_not_a_retry() {
    let mut harness = Harness::new();
    let request = harness.request(vec![U::start_step("a")], Some("client-1"));
    harness.send(request.clone()).unwrap();
    let mut others = [request.clone(), request.clone(), request];
    others[0].updates = vec![U::start_step("b")];
    others[1].client_token = Some("client-2".to_owned());
    others[2].client_token = None;

    for other in others {
        assert_eq!(harness.send(other).unwrap_err().message, "Invalid checkpoint token");
    }
}

#[test]
fn a_client_token_expires_after_15_minutes() {
    let mut harness = Harness::new();
    let request = harness.request(vec![], Some("client-1"));
    harness.send(request.clone()).unwrap();
    harness.advance(900);

    assert_eq!(harness.send(request).unwrap_err().message, "Invalid checkpoint token");
}

#[test]
fn a_client_token_may_be_used_for_the_next_checkpoint_too() {
    let mut harness = Harness::new();
    let first = harness.request(vec![U::start_step("a")], Some("client-1"));
    harness.send(first).unwrap();

    let second = harness.request(vec![U::succeed("a", Step, None)], Some("client-1"));
    harness.send(second).unwrap();

    assert_eq!(harness.status("a"), "SUCCEEDED");
}

#[test]
fn the_same_request_with_the_next_token_is_not_a_retry() {
    let mut harness = Harness::new();
    let first = harness.request(vec![], Some("client-1"));
    let first = harness.send(first).unwrap();

    let second = harness.request(vec![], Some("client-1"));
    let second = harness.send(second).unwrap();

    assert_ne!(second.checkpoint_token, first.checkpoint_token);
}
