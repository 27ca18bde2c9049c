//! Rejected updates and their error messages.

use durable_types::OperationType::{Callback, ChainedInvoke, Context, Execution, Step, Wait};
use durable_types::{ErrorObject, OperationAction, OperationType, OperationUpdate, StepOptions};

use crate::harness::Harness;

type U = OperationUpdate;

fn error() -> ErrorObject {
    ErrorObject::new("E", "broke")
}

fn ok(id: &str, operation_type: OperationType) -> U {
    U::succeed(id, operation_type, None)
}

fn does(operation_type: OperationType, action: &str) -> U {
    let mut update = U::start("a", operation_type);
    update.action = OperationAction::from(action);
    update
}

/// Asserts the error message of rejected updates, after other updates were accepted one at a time.
fn rejected(accepted: Vec<U>, rejected: Vec<U>, text: &str) {
    let mut harness = Harness::new();
    for update in accepted {
        harness.record(vec![update]);
    }

    assert_eq!(harness.rejection(rejected), text);
}

#[test]
fn an_execution_ends_once_and_last() {
    rejected(
        vec![],
        vec![ok("x", Execution), ok("y", Execution)],
        "Cannot checkpoint multiple EXECUTION updates.",
    );
    rejected(
        vec![],
        vec![ok("x", Execution), U::start_step("a")],
        "EXECUTION checkpoint must be the last update.",
    );
}

#[test]
fn an_execution_can_only_be_closed() {
    for action in ["START", "RETRY", "CANCEL", "PAUSE"] {
        let mut update = ok("x", Execution);
        update.action = OperationAction::from(action);

        rejected(vec![], vec![update], "Invalid EXECUTION action.");
    }
}

#[test]
fn an_operation_is_updated_once_per_checkpoint() {
    let text = "Cannot checkpoint multiple operations with the same ID.";

    rejected(vec![], vec![U::start_step("a"), U::start_step("a")], text);
    rejected(vec![], vec![U::start_step("a"), ok("a", Step), ok("a", Step)], text);
    rejected(vec![], vec![ok("a", Step), U::fail("a", Step, error())], text);
    rejected(vec![], vec![ok("a", Context), U::start_context("a", "Map")], text);
    rejected(vec![], vec![U::start_wait("w", 1), U::cancel("w", Wait)], text);
    rejected(vec![U::start_step("a")], vec![ok("a", Step), ok("a", Step)], text);
}

#[test]
fn a_parent_must_be_a_known_context() {
    let text = "Invalid parent operation id.";
    let child = || U::start_step("a").with_parent_id("p");

    rejected(vec![], vec![child()], text);
    rejected(vec![U::start_step("p")], vec![child()], text);
    rejected(vec![], vec![U::start_step("p"), child()], text);
    rejected(vec![], vec![child(), U::start_context("p", "Map")], text);
    rejected(vec![], vec![ok("p", Context), child()], text);
    rejected(vec![], vec![U::start_step("a").with_parent_id("0b1c")], text);
    rejected(vec![], vec![U::start_context("p", "Map").with_parent_id("p")], text);
}

#[test]
fn the_identity_of_an_operation_is_immutable() {
    let started = || {
        let context = U::start_context("p", "Map");
        let step = U::start_step("a").with_name("charge").with_parent_id("p");
        vec![context, U::start_context("q", "Map"), step]
    };
    let close = || ok("a", Step);

    rejected(started(), vec![ok("a", Context)], "Inconsistent operation type.");
    rejected(started(), vec![ok("a", Execution)], "Inconsistent operation type.");
    rejected(started(), vec![ok("0b1c", Step)], "Inconsistent operation type.");
    rejected(started(), vec![close().with_sub_type("Map")], "Inconsistent operation subtype.");
    rejected(started(), vec![close().with_name("pay")], "Inconsistent operation name.");
    rejected(started(), vec![close().with_parent_id("q")], "Inconsistent parent operation id.");
}

#[test]
fn the_identity_of_an_operation_is_immutable_within_a_checkpoint() {
    let start = || U::start_step("a").with_name("charge");

    rejected(vec![], vec![start(), ok("a", Step).with_name("pay")], "Inconsistent operation name.");
    rejected(vec![], vec![start(), ok("a", Context)], "Inconsistent operation type.");
}

#[test]
fn actions_of_another_type_are_rejected() {
    let text = "Invalid action for the given operation type.";

    rejected(vec![], vec![does(Step, "CANCEL")], text);
    rejected(vec![], vec![does(Step, "EXPLODE")], text);
    rejected(vec![], vec![does(Context, "RETRY")], text);
    rejected(vec![], vec![does(Context, "CANCEL")], text);
    rejected(vec![], vec![does(Wait, "SUCCEED")], text);
    rejected(vec![], vec![does(Wait, "RETRY")], text);
    rejected(vec![], vec![does(Callback, "SUCCEED")], text);
    rejected(vec![], vec![does(ChainedInvoke, "FAIL")], text);
    rejected(vec![], vec![does(OperationType::from("TELEPORT"), "START")], "Unknown operation type.");
}

#[test]
fn results_and_errors_are_mutually_exclusive() {
    let mut fail = U::fail("a", Step, error());
    fail.result = Some("1".to_owned());
    let mut succeed = ok("a", Step);
    succeed.error = Some(error());
    let mut retry = U::retry("a", Step, Some("1".to_owned()), Some(1));
    retry.error = Some(error());

    rejected(vec![], vec![fail], "Cannot provide a Payload for FAIL action.");
    rejected(vec![], vec![succeed], "Cannot provide an Error for SUCCEED action.");
    rejected(vec![], vec![retry], "Cannot provide both error and payload to RETRY a STEP.");
}

#[test]
fn a_step_starts_closes_and_retries_only_in_legal_states() {
    let start = || U::start_step("a");
    let retry = || U::retry("a", Step, None, Some(5));

    rejected(vec![start()], vec![start()], "Invalid current STEP state to start.");
    rejected(vec![start(), retry()], vec![start()], "Invalid current STEP state to start.");
    rejected(vec![start(), ok("a", Step)], vec![start()], "Invalid current STEP state to start.");
    rejected(vec![start(), retry()], vec![ok("a", Step)], "Invalid current STEP state to close.");
    rejected(vec![ok("a", Step)], vec![U::fail("a", Step, error())], "Invalid current STEP state to close.");
    rejected(vec![start(), retry()], vec![retry()], "Invalid current STEP state to re-attempt.");
    rejected(vec![ok("a", Step)], vec![retry()], "Invalid current STEP state to re-attempt.");
}

#[test]
fn step_options_are_required_for_retry_and_rejected_otherwise() {
    let text = "Invalid StepOptions for the given action.";
    let mut bare = U::retry("a", Step, None, None);
    bare.step_options = None;

    rejected(vec![], vec![bare], text);
    rejected(vec![], vec![U::retry("a", Step, None, None)], text);
    rejected(vec![], vec![U::start_step("a").with_step_options(Some(1))], text);
    rejected(vec![], vec![ok("a", Step).with_step_options(None)], text);
}

#[test]
fn a_context_starts_once_and_closes_once() {
    let start = || U::start_context("p", "Map");

    rejected(vec![start()], vec![start()], "Cannot start a CONTEXT that already exist.");
    let closed = ok("p", Context).with_sub_type("Map");
    rejected(vec![closed], vec![start()], "Cannot start a CONTEXT that already exist.");
    rejected(
        vec![start(), ok("p", Context)],
        vec![ok("p", Context)],
        "Invalid current CONTEXT state to close.",
    );
    rejected(
        vec![ok("p", Context)],
        vec![U::fail("p", Context, error())],
        "Invalid current CONTEXT state to close.",
    );
}

#[test]
fn a_wait_starts_once_and_is_cancelled_only_while_it_is_pending() {
    let start = || U::start_wait("w", 60);
    let cancel = || U::cancel("w", Wait);
    let text = "Cannot cancel a WAIT that does not exist or has already completed.";

    rejected(vec![start()], vec![start()], "Cannot start a WAIT that already exist.");
    rejected(vec![start(), cancel()], vec![start()], "Cannot start a WAIT that already exist.");
    rejected(vec![], vec![cancel()], text);
    rejected(vec![start(), cancel()], vec![cancel()], text);
}

#[test]
fn an_elapsed_wait_cannot_be_cancelled() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 60)]);
    harness.elapse(60);

    let text = harness.rejection(vec![U::cancel("w", Wait)]);

    assert_eq!(text, "Cannot cancel a WAIT that does not exist or has already completed.");
}

#[test]
fn the_first_of_several_violations_is_reported() {
    let recorded = || vec![U::start_context("p", "Map"), U::start_step("a").with_name("charge")];
    let mut wrong = does(Step, "EXPLODE").with_name("pay").with_parent_id("nowhere");
    wrong.error = Some(ErrorObject::new("E", "x".repeat(1_048_577)));
    wrong.operation_type = Wait;

    rejected(
        recorded(),
        vec![U::start_step("b"), wrong.clone(), ok("x", Execution), U::start_step("c")],
        "EXECUTION checkpoint must be the last update.",
    );
    rejected(
        recorded(),
        vec![ok("a", Step), wrong.clone()],
        "Cannot checkpoint multiple operations with the same ID.",
    );
    rejected(recorded(), vec![wrong.clone()], "Invalid parent operation id.");
    wrong.parent_id = None;
    rejected(recorded(), vec![wrong.clone()], "Inconsistent operation type.");
    wrong.operation_type = Step;
    rejected(recorded(), vec![wrong.clone()], "Inconsistent operation name.");
    wrong.name = None;
    rejected(recorded(), vec![wrong.clone()], "Error object size must be less than 1048576 bytes.");
    wrong.error = Some(error());
    rejected(recorded(), vec![wrong.clone()], "Invalid action for the given operation type.");
    wrong.action = OperationAction::Start;
    wrong.step_options = Some(StepOptions::default());
    rejected(recorded(), vec![wrong.clone()], "Invalid current STEP state to start.");
    wrong.action = OperationAction::Succeed;
    rejected(recorded(), vec![wrong.clone()], "Cannot provide an Error for SUCCEED action.");
    wrong.error = None;
    rejected(recorded(), vec![wrong], "Invalid StepOptions for the given action.");
}

#[test]
fn the_shape_of_an_update_is_validated() {
    let mut bare = U::start_wait("w", 1);
    bare.wait_options = None;

    rejected(vec![], vec![bare], "WaitOptions.WaitSeconds must be set when a wait begins");
    rejected(vec![], vec![U::start_wait("w", 0)], "WaitOptions.WaitSeconds must be 1 to 31622400, but is 0");
    for malformed in [
        U::start_step("a b"),
        U::start_step("a".repeat(65)),
        U::start_step("a").with_name("x".repeat(257)),
        U::start_step("a").with_name("smörgås"),
        U::start_step("a").with_sub_type("x".repeat(33)),
        U::start_wait("w", 99_999_999),
        U::retry("a", Step, None, Some(0)),
        U::retry("a", Step, None, Some(31_622_401)),
        U::start_step("a").with_wait_options(1),
    ] {
        let text = Harness::new().rejection(vec![malformed.clone()]);

        let expected = malformed.validate().unwrap_err().to_string();
        assert_eq!(text, expected);
    }
}

#[test]
fn a_checkpoint_is_atomic() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 60)]);

    harness.rejection(vec![
        U::start_step("a"),
        U::cancel("w", Wait),
        U::start_step("b").with_parent_id("nowhere"),
    ]);

    assert!(harness.execution.operation("a").is_none());
    assert_eq!(harness.status("w"), "STARTED");
    harness.record(vec![U::start_step("a")]);
}

#[test]
fn a_client_token_must_match_its_pattern() {
    let mut harness = Harness::new();
    for client_token in ["", "with space", &"x".repeat(65)] {
        let request = harness.request(vec![], Some(client_token));

        let error = harness.send(request).unwrap_err();

        assert_eq!(error.kind.as_str(), "InvalidParameterValueException");
        assert!(error.message.contains("ClientToken"), "{}", error.message);
    }
}
