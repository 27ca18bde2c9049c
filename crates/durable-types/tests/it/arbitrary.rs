//! Values of every type, at random.

use durable_types::history::*;
use durable_types::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

/// Returns the value after a change; structs that are non-exhaustive have no literals outside of their crate.
pub(crate) fn with<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut value);
    value
}

/// Any text, control characters and quotes included.
pub(crate) fn text() -> BoxedStrategy<String> {
    prop_oneof!["[ -~]{0,24}", "(?s).{0,12}", "[\"\\\\\n\r\t\u{8}\u{c}\u{0}-\u{1f}\u{7f}]{0,8}"].boxed()
}

pub(crate) fn timestamp() -> BoxedStrategy<Timestamp> {
    (0..4_102_444_800_000_000_i64).prop_map(Timestamp::from_micros).boxed()
}

pub(crate) fn operation_type() -> BoxedStrategy<OperationType> {
    proptest::sample::select(OperationType::KNOWN).boxed()
}

pub(crate) fn operation_status() -> BoxedStrategy<OperationStatus> {
    proptest::sample::select(OperationStatus::KNOWN).boxed()
}

pub(crate) fn action() -> BoxedStrategy<OperationAction> {
    proptest::sample::select(OperationAction::KNOWN).boxed()
}

pub(crate) fn execution_status() -> BoxedStrategy<ExecutionStatus> {
    proptest::sample::select(ExecutionStatus::KNOWN).boxed()
}

pub(crate) fn error_object() -> BoxedStrategy<ErrorObject> {
    (of(text()), of(text()), of(text()), of(vec(text(), 0..3)))
        .prop_map(|(error_message, error_type, error_data, stack_trace)| {
            with(ErrorObject::default(), |error| {
                error.error_message = error_message;
                error.error_type = error_type;
                error.error_data = error_data;
                error.stack_trace = stack_trace;
            })
        })
        .boxed()
}

fn chained_invoke_options() -> BoxedStrategy<ChainedInvokeOptions> {
    (text(), of(text()), of(text()))
        .prop_map(|(function_name, tenant_id, x_amzn_trace_id)| {
            with(ChainedInvokeOptions::new(function_name), |options| {
                options.tenant_id = tenant_id;
                options.x_amzn_trace_id = x_amzn_trace_id;
            })
        })
        .boxed()
}

fn callback_options() -> BoxedStrategy<CallbackOptions> {
    (of(0..=99_999_999_u64), of(0..=99_999_999_u64))
        .prop_map(|(timeout_seconds, heartbeat_timeout_seconds)| {
            with(CallbackOptions::default(), |options| {
                options.timeout_seconds = timeout_seconds;
                options.heartbeat_timeout_seconds = heartbeat_timeout_seconds;
            })
        })
        .boxed()
}

/// Any update, legal or not.
pub(crate) fn update() -> BoxedStrategy<OperationUpdate> {
    let identity = (text(), of(text()), of(text()), operation_type(), of(text()), action());
    let data = (of(text()), of(error_object()));
    let options = (
        of(any::<Option<bool>>()),
        of(of(1..=31_622_400_u64)),
        of(1..=31_622_400_u64),
        of(callback_options()),
        of(chained_invoke_options()),
    );
    (identity, data, options)
        .prop_map(|(identity, (result, error), options)| {
            let (operation_id, parent_id, name, operation_type, sub_type, action) = identity;
            let (replay_children, next_attempt, wait_seconds, callback_options, chained_invoke_options) =
                options;
            with(OperationUpdate::new(operation_id, operation_type, action), |update| {
                update.parent_id = parent_id.map(Into::into);
                update.name = name.map(Into::into);
                update.sub_type = sub_type.map(Into::into);
                update.result = result;
                update.error = error;
                update.context_options = replay_children
                    .map(|it| with(ContextOptions::default(), |options| options.replay_children = it));
                update.step_options = next_attempt.map(|it| {
                    with(StepOptions::default(), |options| options.next_attempt_delay_seconds = it)
                });
                update.wait_options = wait_seconds
                    .map(|it| with(WaitOptions::default(), |options| options.wait_seconds = Some(it)));
                update.callback_options = callback_options;
                update.chained_invoke_options = chained_invoke_options;
            })
        })
        .boxed()
}

fn step_details() -> BoxedStrategy<StepDetails> {
    (of(0..1_000_u32), of(timestamp()), of(text()), of(error_object()))
        .prop_map(|(attempt, next_attempt_timestamp, result, error)| {
            with(StepDetails::new(result, error), |details| {
                details.attempt = attempt;
                details.next_attempt_timestamp = next_attempt_timestamp;
            })
        })
        .boxed()
}

fn context_details() -> BoxedStrategy<ContextDetails> {
    (any::<Option<bool>>(), of(text()), of(error_object()))
        .prop_map(|(replay_children, result, error)| {
            with(ContextDetails::new(result, error), |details| details.replay_children = replay_children)
        })
        .boxed()
}

fn callback_details() -> BoxedStrategy<CallbackDetails> {
    (of(text()), of(text()), of(error_object()))
        .prop_map(|(callback_id, result, error)| {
            with(CallbackDetails::new(result, error), |details| details.callback_id = callback_id)
        })
        .boxed()
}

fn details() -> BoxedStrategy<OperationDetails> {
    let called = |(result, error)| ChainedInvokeDetails::new(result, error).into();
    prop_oneof![
        of(text()).prop_map(|input| ExecutionDetails::new(input).into()),
        context_details().prop_map(OperationDetails::from),
        step_details().prop_map(OperationDetails::from),
        of(timestamp()).prop_map(|end| WaitDetails::new(end).into()),
        callback_details().prop_map(OperationDetails::from),
        (of(text()), of(error_object())).prop_map(called),
    ]
    .boxed()
}

/// Returns the type of the operations that have such details.
fn type_of(details: &OperationDetails) -> OperationType {
    match details {
        OperationDetails::Execution(_) => OperationType::Execution,
        OperationDetails::Context(_) => OperationType::Context,
        OperationDetails::Step(_) => OperationType::Step,
        OperationDetails::Wait(_) => OperationType::Wait,
        OperationDetails::Callback(_) => OperationType::Callback,
        OperationDetails::ChainedInvoke(_) => OperationType::ChainedInvoke,
        _ => panic!("all types of details are listed"),
    }
}

/// Any record, with the details of its type or none.
pub(crate) fn operation() -> BoxedStrategy<Operation> {
    let identity = (text(), of(text()), of(text()), operation_type(), of(text()), operation_status());
    let moments = (of(timestamp()), of(timestamp()));
    (identity, moments, of(details()))
        .prop_map(|(identity, (start_timestamp, end_timestamp), details)| {
            let (id, parent_id, name, operation_type, sub_type, status) = identity;
            let operation_type = details.as_ref().map_or(operation_type, type_of);
            with(Operation::new(id, operation_type, status), |operation| {
                operation.parent_id = parent_id.map(Into::into);
                operation.name = name.map(Into::into);
                operation.sub_type = sub_type.map(Into::into);
                operation.start_timestamp = start_timestamp;
                operation.end_timestamp = end_timestamp;
                operation.details = details;
            })
        })
        .boxed()
}

fn input() -> BoxedStrategy<EventInput> {
    (of(text()), any::<Option<bool>>())
        .prop_map(|(payload, truncated)| with(EventInput::from(payload), |it| it.truncated = truncated))
        .boxed()
}

fn result() -> BoxedStrategy<EventResult> {
    (of(text()), any::<Option<bool>>())
        .prop_map(|(payload, truncated)| with(EventResult::from(payload), |it| it.truncated = truncated))
        .boxed()
}

fn reason() -> BoxedStrategy<EventReason> {
    (of(text()), any::<Option<bool>>())
        .prop_map(|(payload, truncated)| with(EventReason::from(payload), |it| it.truncated = truncated))
        .boxed()
}

fn error() -> BoxedStrategy<EventError> {
    (of(error_object()), any::<Option<bool>>())
        .prop_map(|(payload, truncated)| with(EventError::from(payload), |it| it.truncated = truncated))
        .boxed()
}

fn retry_details() -> BoxedStrategy<RetryDetails> {
    (of(0..100_u32), of(0..100_u64))
        .prop_map(|(current_attempt, next_attempt_delay_seconds)| {
            with(RetryDetails::default(), |details| {
                details.current_attempt = current_attempt;
                details.next_attempt_delay_seconds = next_attempt_delay_seconds;
            })
        })
        .boxed()
}

/// The details of every type of event.
pub(crate) fn event_details() -> BoxedStrategy<EventDetails> {
    prop_oneof![execution_events(), context_and_wait_events(), step_events(), invoke_events(), other_events()]
        .boxed()
}

fn execution_events() -> BoxedStrategy<EventDetails> {
    prop_oneof![
        (input(), 0..100_u32).prop_map(|(input, execution_timeout)| {
            EventDetails::ExecutionStarted(ExecutionStartedDetails::new(input, execution_timeout))
        }),
        result().prop_map(|result| EventDetails::ExecutionSucceeded(ExecutionSucceededDetails::new(result))),
        error().prop_map(|error| EventDetails::ExecutionFailed(ExecutionFailedDetails::new(error))),
        of(error()).prop_map(|error| EventDetails::ExecutionTimedOut(ExecutionTimedOutDetails::new(error))),
        error().prop_map(|error| EventDetails::ExecutionStopped(ExecutionStoppedDetails::new(error))),
        (timestamp(), of(reason()), any::<bool>()).prop_map(|(requested, reason, holds_timeout)| {
            let details = ExecutionPausedDetails::new(requested, holds_timeout);
            EventDetails::ExecutionPaused(with(details, |details| details.reason = reason))
        }),
        (timestamp(), of(reason())).prop_map(|(requested, reason)| {
            let details = ExecutionResumedDetails::new(requested);
            EventDetails::ExecutionResumed(with(details, |details| details.reason = reason))
        }),
    ]
    .boxed()
}

fn context_and_wait_events() -> BoxedStrategy<EventDetails> {
    prop_oneof![
        Just(EventDetails::ContextStarted(ContextStartedDetails::default())),
        result().prop_map(|result| EventDetails::ContextSucceeded(ContextSucceededDetails::new(result))),
        error().prop_map(|error| EventDetails::ContextFailed(ContextFailedDetails::new(error))),
        (0..100_u64, timestamp()).prop_map(|(duration, scheduled_end_timestamp)| {
            EventDetails::WaitStarted(WaitStartedDetails::new(duration, scheduled_end_timestamp))
        }),
        of(0..100_u64).prop_map(|duration| EventDetails::WaitSucceeded(WaitSucceededDetails::new(duration))),
        of(error()).prop_map(|error| EventDetails::WaitCancelled(WaitCancelledDetails::new(error))),
    ]
    .boxed()
}

fn step_events() -> BoxedStrategy<EventDetails> {
    prop_oneof![
        Just(EventDetails::StepStarted(StepStartedDetails::default())),
        (result(), retry_details()).prop_map(|(result, retry_details)| {
            EventDetails::StepSucceeded(StepSucceededDetails::new(result, retry_details))
        }),
        (error(), retry_details()).prop_map(|(error, retry_details)| {
            EventDetails::StepFailed(StepFailedDetails::new(error, retry_details))
        }),
    ]
    .boxed()
}

fn invoke_events() -> BoxedStrategy<EventDetails> {
    let started = (text(), of(text()), of(input()), of(text()), of(text())).prop_map(
        |(function_name, tenant_id, input, executed_version, durable_execution_arn)| {
            let details = ChainedInvokeStartedDetails::new(function_name);
            EventDetails::ChainedInvokeStarted(with(details, |details| {
                details.tenant_id = tenant_id;
                details.input = input;
                details.executed_version = executed_version;
                details.durable_execution_arn = durable_execution_arn;
            }))
        },
    );
    prop_oneof![
        started,
        result().prop_map(|result| {
            EventDetails::ChainedInvokeSucceeded(ChainedInvokeSucceededDetails::new(result))
        }),
        error().prop_map(|error| EventDetails::ChainedInvokeFailed(ChainedInvokeFailedDetails::new(error))),
        error()
            .prop_map(|error| EventDetails::ChainedInvokeTimedOut(ChainedInvokeTimedOutDetails::new(error))),
        error().prop_map(|error| EventDetails::ChainedInvokeStopped(ChainedInvokeStoppedDetails::new(error))),
    ]
    .boxed()
}

fn other_events() -> BoxedStrategy<EventDetails> {
    prop_oneof![
        (text(), of(0..100_u64), of(0..100_u64)).prop_map(|(callback_id, heartbeat_timeout, timeout)| {
            EventDetails::CallbackStarted(with(CallbackStartedDetails::new(callback_id), |details| {
                details.heartbeat_timeout = heartbeat_timeout;
                details.timeout = timeout;
            }))
        }),
        result().prop_map(|result| EventDetails::CallbackSucceeded(CallbackSucceededDetails::new(result))),
        error().prop_map(|error| EventDetails::CallbackFailed(CallbackFailedDetails::new(error))),
        error().prop_map(|error| EventDetails::CallbackTimedOut(CallbackTimedOutDetails::new(error))),
        (timestamp(), timestamp(), text(), of(error())).prop_map(|(start, end, request_id, error)| {
            let details = InvocationCompletedDetails::new(start, end, request_id);
            EventDetails::InvocationCompleted(with(details, |details| details.error = error))
        }),
    ]
    .boxed()
}

/// Any event of a history.
pub(crate) fn event() -> BoxedStrategy<Event> {
    (1..1_000_u64, timestamp(), of(text()), of(text()), of(text()), of(text()), event_details())
        .prop_map(|(event_id, event_timestamp, id, name, sub_type, parent_id, details)| {
            with(Event::new(event_id, event_timestamp, details), |event| {
                event.id = id.map(Into::into);
                event.name = name.map(Into::into);
                event.sub_type = sub_type.map(Into::into);
                event.parent_id = parent_id.map(Into::into);
            })
        })
        .boxed()
}

pub(crate) fn durable_config() -> BoxedStrategy<DurableConfig> {
    (of(text()), of(1..=90_u32), of(1..=31_622_400_u32))
        .prop_map(|(kms_key_arn, retention_period_in_days, execution_timeout)| {
            with(DurableConfig::default(), |config| {
                config.kms_key_arn = kms_key_arn;
                config.retention_period_in_days = retention_period_in_days;
                config.execution_timeout = execution_timeout;
            })
        })
        .boxed()
}
