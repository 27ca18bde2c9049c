//! Chained invokes of one execution.

use durable_service::{
    ChainedInvokeEnd as End, Command, Execution, FunctionKind, FunctionVersions, Settings, history,
};
use durable_types::OperationType::ChainedInvoke;
use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::history::EventDetails;
use durable_types::{DurableConfig, ErrorObject, OperationUpdate as U};

use crate::harness::{Harness, PENDING, SUCCEEDED, ids, request};

fn harness_with(settings: Settings) -> Harness {
    let harness = Harness::with(request(), settings);
    harness.with_function("ship", FunctionKind::Durable).with_function("tax", FunctionKind::Plain)
}

fn harness() -> Harness {
    harness_with(Settings::default())
}

fn call(function: &str) -> U {
    U::start_invoke("i", function, Some("{\"n\":1}".to_owned())).with_name("ship it")
}

/// Creates an execution that waits for the end of a call.
fn waiting() -> Harness {
    let mut harness = harness();
    harness.record(vec![call("ship:3")]);
    harness.answer(PENDING);
    harness
}

fn end(harness: &mut Harness, end: End) -> Result<(), ServiceError> {
    harness.handle(Command::ChainedInvokeEnded { operation_id: "i".to_owned(), end }).map(drop)
}

fn details(harness: &Harness) -> (Option<String>, Option<ErrorObject>) {
    let details = harness.execution.operation("i").unwrap().chained_invoke_details().cloned().unwrap();
    (details.result, details.error.map(|error| *error))
}

#[test]
fn a_call_of_a_durable_function_names_the_execution_to_start() {
    let mut harness = harness();

    let reported = harness.record(vec![call("ship:3").with_trace_header("Root=1")]);

    assert_eq!(reported[0].status.as_str(), "STARTED");
    let [made] = &harness.calls[..] else { panic!("one call") };
    assert_eq!(made.operation_id, "i");
    assert_eq!((made.function_name.as_str(), made.version.as_str()), ("ship", "3"));
    assert_eq!(made.input.as_ref().unwrap().as_str(), "{\"n\":1}");
    assert_eq!(made.headers.trace_header.as_deref(), Some("Root=1"));
    let arn = made.durable_execution_arn.as_ref().unwrap();
    assert_eq!(arn.function_arn(), "arn:aws:lambda:eu-west-1:123456789012:function:ship:3");
    assert_ne!(arn.execution_id(), harness.execution.arn().execution_id());
}

#[test]
fn a_call_of_a_plain_function_starts_no_execution() {
    let mut harness = harness();

    harness.record(vec![call("tax")]);

    let [made] = &harness.calls[..] else { panic!("one call") };
    assert_eq!((made.function_name.as_str(), made.version.as_str()), ("tax", "$LATEST"));
    assert_eq!(made.durable_execution_arn, None);
}

#[test]
fn two_calls_start_two_executions() {
    let mut harness = harness();

    harness.record(vec![U::start_invoke("i", "ship:1", None), U::start_invoke("j", "ship:1", None)]);

    assert_ne!(harness.calls[0].durable_execution_arn, harness.calls[1].durable_execution_arn);
}

#[test]
fn the_end_of_a_call_invokes_the_function() {
    let mut harness = waiting();

    end(&mut harness, End::Succeeded(Some("42".to_owned()))).unwrap();

    assert_eq!(harness.status("i"), "SUCCEEDED");
    assert_eq!(details(&harness), (Some("42".to_owned()), None));
    assert_eq!(harness.last_invocation().input.updated_operation_ids.as_deref(), Some(&["i".into()][..]));
    assert_eq!(
        harness.history(),
        [
            "ExecutionStarted 0b1c",
            "ChainedInvokeStarted i",
            "InvocationCompleted",
            "ChainedInvokeSucceeded i"
        ]
    );
}

#[test]
fn an_end_during_an_invocation_is_returned_by_an_empty_checkpoint() {
    let mut harness = harness();
    harness.record(vec![call("ship:3")]);
    end(&mut harness, End::Succeeded(None)).unwrap();
    assert_eq!(harness.invocations.len(), 1, "one invocation at a time");

    let seen = harness.record(vec![]);

    assert_eq!(ids(&seen), ["i"]);
    assert_eq!(seen[0].status.as_str(), "SUCCEEDED");
}

#[test]
fn a_retried_checkpoint_does_not_repeat_the_call() {
    let mut harness = harness();
    let request = harness.request(vec![call("ship:3")], Some("once"));
    let first = harness.send(request.clone()).unwrap();

    let second = harness.send(request).unwrap();

    assert_eq!(second, first);
    assert_eq!(harness.calls.len(), 1);
}

#[test]
fn every_end_has_its_status_and_its_event() {
    let error = ErrorObject::new("E", "broke");
    let timeout = ErrorObject::new("ChainedInvoke.Timeout", "CHAINED_INVOKE timed out after 9 seconds.");
    let cases = [
        (End::Failed(error.clone()), "FAILED", "ChainedInvokeFailed i", &error),
        (End::timed_out(9), "TIMED_OUT", "ChainedInvokeTimedOut i", &timeout),
        (End::Stopped(error.clone()), "STOPPED", "ChainedInvokeStopped i", &error),
    ];
    for (ended, status, event, error) in cases {
        let mut harness = waiting();

        end(&mut harness, ended).unwrap();

        assert_eq!(harness.status("i"), status);
        assert_eq!(details(&harness), (None, Some(error.clone())));
        assert_eq!(harness.history().last().unwrap(), event);
        assert_eq!(harness.invocations.len(), 2);
    }
}

#[test]
fn the_end_of_an_execution_ends_the_call_that_started_it() {
    let mut start = request();
    start.durable_config = DurableConfig::default().with_execution_timeout(9);
    let child = || Harness::with(start.clone(), Settings::default());
    assert_eq!(End::of(&child().execution), None);

    let mut succeeded = child();
    succeeded.answer(SUCCEEDED);
    let mut failed = child();
    failed.answer(r#"{"Status":"FAILED","Error":{"ErrorType":"E"}}"#);
    let mut timed_out = child();
    timed_out.elapse(9);
    let mut stopped = child();
    stopped.handle(Command::Stop { error: Some(ErrorObject::new("S", "no")) }).unwrap();

    assert_eq!(End::of(&succeeded.execution), Some(End::Succeeded(Some("1".to_owned()))));
    let mut error = ErrorObject::default();
    error.error_type = Some("E".to_owned());
    assert_eq!(End::of(&failed.execution), Some(End::Failed(error)));
    assert_eq!(End::of(&timed_out.execution), Some(End::timed_out(9)));
    assert_eq!(End::of(&stopped.execution), Some(End::Stopped(ErrorObject::new("S", "no"))));
}

#[test]
fn a_call_ends_once() {
    let mut harness = waiting();
    end(&mut harness, End::Succeeded(None)).unwrap();
    let before = harness.execution.clone();

    let rejected = end(&mut harness, End::Failed(ErrorObject::default())).unwrap_err();

    assert_eq!(rejected.kind, ServiceErrorKind::ResourceConflict);
    assert_eq!(harness.execution, before);
}

#[test]
fn the_end_of_a_call_that_is_not_open_is_rejected() {
    let mut stopped = waiting();
    stopped.handle(Command::Stop { error: None }).unwrap();
    assert!(end(&mut stopped, End::Succeeded(None)).is_err());
    assert_eq!(stopped.status("i"), "STARTED");

    let mut step = harness();
    step.record(vec![U::start_step("i")]);
    assert!(end(&mut step, End::Succeeded(None)).is_err());
    assert!(end(&mut harness(), End::Succeeded(None)).is_err());
}

#[test]
fn a_cancelled_call_has_ended() {
    let mut harness = harness();
    harness.record(vec![call("ship:3")]);

    let cancelled = harness.record(vec![U::cancel("i", ChainedInvoke)]);

    assert_eq!(ids(&cancelled), ["i"]);
    assert_eq!(cancelled[0].status.as_str(), "CANCELLED");
    assert_eq!(harness.history().last().unwrap(), "ChainedInvokeStopped i");
    assert!(end(&mut harness, End::Succeeded(None)).is_err());
    assert_eq!(harness.execution.calls().count(), 0);
    let text = "Cannot cancel a CHAINED_INVOKE that does not exist or has already completed.";
    assert_eq!(harness.rejection(vec![U::cancel("i", ChainedInvoke)]), text);
    assert_eq!(harness.rejection(vec![U::cancel("j", ChainedInvoke)]), text);
}

#[test]
fn a_call_cancelled_beyond_a_quota_is_not_repeated() {
    let mut harness = harness_with(Settings { max_operations: 1, ..Settings::default() });
    harness.record(vec![call("tax")]);

    harness.record(vec![U::cancel("i", ChainedInvoke), U::start_step("a")]);

    assert!(harness.execution.is_closed());
    assert_eq!(harness.calls.len(), 1);
}

#[test]
fn an_unknown_function_fails_the_call_in_the_same_checkpoint() {
    let mut harness = harness();

    let reported = harness.record(vec![call("nobody:1")]);

    assert_eq!(ids(&reported), ["i"]);
    assert_eq!(reported[0].status.as_str(), "FAILED");
    let error = ErrorObject::new("ResourceNotFoundException", "Function not found: nobody:1.");
    assert_eq!(details(&harness), (None, Some(error)));
    assert!(harness.calls.is_empty());
    assert_eq!(harness.history()[1..], ["ChainedInvokeStarted i", "ChainedInvokeFailed i"]);
    let reported = history(&harness.events);
    let EventDetails::ChainedInvokeStarted(started) = &reported[1].details else {
        panic!("{:?}", reported[1])
    };
    assert_eq!(started.input.as_ref().unwrap().payload, None, "an input that is never sent is not stored");
}

#[test]
fn a_durable_function_without_version_fails_the_call() {
    let mut harness = harness();

    harness.record(vec![call("ship")]);

    let text = "You cannot invoke a durable function using an unqualified ARN.";
    let error = ErrorObject::new("InvalidParameterValueException", text);
    assert_eq!(details(&harness), (None, Some(error)));
}

#[test]
fn the_history_of_a_call_names_the_version_and_the_execution() {
    let mut harness = harness();
    let mut update = call("ship:live");
    update.chained_invoke_options.as_mut().unwrap().tenant_id = Some("blue".to_owned());
    harness.record(vec![update]);

    let reported = history(&harness.events);

    let EventDetails::ChainedInvokeStarted(started) = &reported[1].details else {
        panic!("{:?}", reported[1])
    };
    let arn = harness.calls[0].durable_execution_arn.as_ref().unwrap();
    assert_eq!(started.function_name, "ship:live");
    assert_eq!(started.tenant_id.as_deref(), Some("blue"));
    assert_eq!(started.input.as_ref().unwrap().payload.as_deref(), Some("{\"n\":1}"));
    assert_eq!(
        started.executed_version.as_deref(),
        Some("$LATEST"),
        "an alias is reported as the version that runs"
    );
    assert_eq!(started.durable_execution_arn.as_deref(), Some(arn.as_str()));
    assert_eq!(reported[1].name.as_deref(), Some("ship it"));
}

#[test]
fn a_call_runs_the_version_of_its_alias_or_fails() {
    let live = [("live".to_owned(), "7".to_owned())].into();
    let versions = FunctionVersions { aliases: live, ..FunctionVersions::default() };
    let mut known = harness();
    known.functions.get_mut("ship").unwrap().versions = versions;
    let mut unknown = known.clone();

    known.record(vec![call("ship:live")]);
    unknown.record(vec![call("ship:test")]);

    let [made] = &known.calls[..] else { panic!("one call") };
    assert_eq!(made.version, "7");
    assert!(made.durable_execution_arn.as_ref().unwrap().function_arn().ends_with(":function:ship:7"));
    let error = ErrorObject::new("ResourceNotFoundException", "Function not found: ship:test.");
    assert_eq!(details(&unknown), (None, Some(error)));
}

#[test]
fn open_calls_survive_a_restart() {
    let mut harness = harness();
    harness.record(vec![call("ship:3"), U::start_invoke("j", "tax", None)]);
    harness
        .handle(Command::ChainedInvokeEnded { operation_id: "j".to_owned(), end: End::Succeeded(None) })
        .unwrap();

    let replayed = Execution::replay(harness.events.clone()).unwrap();

    assert_eq!(replayed, harness.execution);
    assert_eq!(replayed.calls().cloned().collect::<Vec<_>>(), harness.calls[..1]);
}

#[test]
fn an_ended_execution_does_not_repeat_calls() {
    let mut harness = waiting();

    harness.handle(Command::Stop { error: None }).unwrap();

    assert_eq!(harness.execution.calls().count(), 0);
}

#[test]
fn a_call_is_a_pending_operation() {
    let harness = waiting();

    assert!(!harness.is_busy());
    assert_eq!(harness.due_in(), Some(3_600));
}

#[test]
fn inputs_and_results_have_a_maximum_size() {
    let bytes = |bytes| Some("x".repeat(bytes));
    let mut harness = harness();

    let rejected = harness.rejection(vec![U::start_invoke("i", "ship:3", bytes(1_048_577))]);
    harness.record(vec![U::start_invoke("i", "ship:3", bytes(1_048_576))]);
    end(&mut harness, End::Succeeded(bytes(1_048_577))).unwrap();

    assert_eq!(rejected, "CHAINED_INVOKE input payload size must be less than or equal to 1048576 bytes.");
    assert_eq!(harness.status("i"), "FAILED");
    let text = "CHAINED_INVOKE output payload size must be less than or equal to 1048576 bytes.";
    assert_eq!(details(&harness).1.unwrap(), ErrorObject::new("InvalidParameterValueException", text));
}

#[test]
fn invalid_calls_are_rejected() {
    let with_tenant = |tenant: &str| {
        let mut update = call("ship:3");
        update.chained_invoke_options.as_mut().unwrap().tenant_id = Some(tenant.to_owned());
        update
    };
    let mut without = call("ship:3");
    without.chained_invoke_options = None;
    let tenant = "TenantId must be 1 to 256 characters matching [a-zA-Z0-9._:/=+-@ ].";
    let account = "Cannot start a CHAINED_INVOKE on a function in another account.";
    let region = "Cannot start a CHAINED_INVOKE on a function in another region.";
    let cases = [
        (without, "Update for CHAINED_INVOKE operation requires ChainedInvokeOptions."),
        (call("arn:aws:s3:::ship"), "Invalid function ARN 'arn:aws:s3:::ship'"),
        (call("no function"), "Invalid function ARN 'no function'"),
        (call(""), "Invalid function ARN ''"),
        (call("arn:aws:lambda:eu-west-1:000000000000:function:ship:3"), account),
        (call("000000000000:function:ship:3"), account),
        (call("arn:aws:lambda:us-east-1:123456789012:function:ship:3"), region),
        (with_tenant(""), tenant),
        (with_tenant("a#b"), tenant),
        (with_tenant(&"a".repeat(257)), tenant),
    ];
    for (update, text) in cases {
        assert_eq!(harness().rejection(vec![update]), text);
    }

    let mut harness = harness();
    harness.record(vec![call("arn:aws:lambda:eu-west-1:123456789012:function:ship:3")]);
    assert_eq!(harness.status("i"), "STARTED");
    let again = harness.rejection(vec![call("ship:3")]);
    assert_eq!(again, "Cannot start a CHAINED_INVOKE operation that already exists.");
}
