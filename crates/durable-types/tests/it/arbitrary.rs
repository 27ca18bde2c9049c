//! Values of every type, at random.

use durable_types::history::*;
use durable_types::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

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
        .prop_map(|(error_message, error_type, error_data, stack_trace)| ErrorObject {
            error_message,
            error_type,
            error_data,
            stack_trace,
        })
        .boxed()
}

fn chained_invoke_options() -> BoxedStrategy<ChainedInvokeOptions> {
    (text(), of(text()), of(text()))
        .prop_map(|(function_name, tenant_id, x_amzn_trace_id)| ChainedInvokeOptions {
            function_name,
            tenant_id,
            x_amzn_trace_id,
        })
        .boxed()
}

fn callback_options() -> BoxedStrategy<CallbackOptions> {
    (of(0..=99_999_999_u64), of(0..=99_999_999_u64))
        .prop_map(|(timeout_seconds, heartbeat_timeout_seconds)| CallbackOptions {
            timeout_seconds,
            heartbeat_timeout_seconds,
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
            OperationUpdate {
                operation_id,
                parent_id,
                name,
                operation_type,
                sub_type,
                action,
                result,
                error,
                context_options: replay_children.map(|replay_children| ContextOptions { replay_children }),
                step_options: next_attempt
                    .map(|next_attempt_delay_seconds| StepOptions { next_attempt_delay_seconds }),
                wait_options: wait_seconds.map(|seconds| WaitOptions { wait_seconds: Some(seconds) }),
                callback_options,
                chained_invoke_options,
            }
        })
        .boxed()
}

fn step_details() -> BoxedStrategy<StepDetails> {
    (of(0..1_000_u32), of(timestamp()), of(text()), of(error_object()))
        .prop_map(|(attempt, next_attempt_timestamp, result, error)| StepDetails {
            attempt,
            next_attempt_timestamp,
            result,
            error,
        })
        .boxed()
}

fn context_details() -> BoxedStrategy<ContextDetails> {
    (any::<Option<bool>>(), of(text()), of(error_object()))
        .prop_map(|(replay_children, result, error)| ContextDetails { replay_children, result, error })
        .boxed()
}

fn callback_details() -> BoxedStrategy<CallbackDetails> {
    (of(text()), of(text()), of(error_object()))
        .prop_map(|(callback_id, result, error)| CallbackDetails { callback_id, result, error })
        .boxed()
}

/// Any record, with details of any type.
pub(crate) fn operation() -> BoxedStrategy<Operation> {
    let identity = (text(), of(text()), of(text()), operation_type(), of(text()), operation_status());
    let moments = (of(timestamp()), of(timestamp()));
    let details = (
        of(of(text())),
        of(context_details()),
        of(step_details()),
        of(of(timestamp())),
        of(callback_details()),
        of((of(text()), of(error_object()))),
    );
    (identity, moments, details)
        .prop_map(|(identity, (start_timestamp, end_timestamp), details)| {
            let (id, parent_id, name, operation_type, sub_type, status) = identity;
            let (input, context, step, wait, callback, invoke) = details;
            Operation {
                id,
                parent_id,
                name,
                operation_type,
                sub_type,
                status,
                start_timestamp,
                end_timestamp,
                execution_details: input.map(|input_payload| Box::new(ExecutionDetails { input_payload })),
                context_details: context.map(Box::new),
                step_details: step.map(Box::new),
                wait_details: wait
                    .map(|scheduled_end_timestamp| Box::new(WaitDetails { scheduled_end_timestamp })),
                callback_details: callback.map(Box::new),
                chained_invoke_details: invoke
                    .map(|(result, error)| Box::new(ChainedInvokeDetails { result, error })),
            }
        })
        .boxed()
}

fn input() -> BoxedStrategy<EventInput> {
    (of(text()), any::<Option<bool>>())
        .prop_map(|(payload, truncated)| EventInput { payload, truncated })
        .boxed()
}

fn result() -> BoxedStrategy<EventResult> {
    (of(text()), any::<Option<bool>>())
        .prop_map(|(payload, truncated)| EventResult { payload, truncated })
        .boxed()
}

fn reason() -> BoxedStrategy<EventReason> {
    (of(text()), any::<Option<bool>>())
        .prop_map(|(payload, truncated)| EventReason { payload, truncated })
        .boxed()
}

fn error() -> BoxedStrategy<EventError> {
    (of(error_object()), any::<Option<bool>>())
        .prop_map(|(payload, truncated)| EventError { payload, truncated })
        .boxed()
}

fn retry_details() -> BoxedStrategy<RetryDetails> {
    (of(0..100_u32), of(0..100_u64))
        .prop_map(|(current_attempt, next_attempt_delay_seconds)| RetryDetails {
            current_attempt,
            next_attempt_delay_seconds,
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
            EventDetails::ExecutionStarted(ExecutionStartedDetails { input, execution_timeout })
        }),
        result().prop_map(|result| EventDetails::ExecutionSucceeded(ExecutionSucceededDetails { result })),
        error().prop_map(|error| EventDetails::ExecutionFailed(ExecutionFailedDetails { error })),
        of(error()).prop_map(|error| EventDetails::ExecutionTimedOut(ExecutionTimedOutDetails { error })),
        error().prop_map(|error| EventDetails::ExecutionStopped(ExecutionStoppedDetails { error })),
        (timestamp(), of(reason()), any::<bool>()).prop_map(
            |(pause_request_timestamp, reason, execution_timeout_paused)| {
                EventDetails::ExecutionPaused(ExecutionPausedDetails {
                    pause_request_timestamp,
                    reason,
                    execution_timeout_paused,
                })
            }
        ),
        (timestamp(), of(reason())).prop_map(|(resume_request_timestamp, reason)| {
            EventDetails::ExecutionResumed(ExecutionResumedDetails { resume_request_timestamp, reason })
        }),
    ]
    .boxed()
}

fn context_and_wait_events() -> BoxedStrategy<EventDetails> {
    prop_oneof![
        Just(EventDetails::ContextStarted(ContextStartedDetails {})),
        result().prop_map(|result| EventDetails::ContextSucceeded(ContextSucceededDetails { result })),
        error().prop_map(|error| EventDetails::ContextFailed(ContextFailedDetails { error })),
        (0..100_u64, timestamp()).prop_map(|(duration, scheduled_end_timestamp)| {
            EventDetails::WaitStarted(WaitStartedDetails { duration, scheduled_end_timestamp })
        }),
        of(0..100_u64).prop_map(|duration| EventDetails::WaitSucceeded(WaitSucceededDetails { duration })),
        of(error()).prop_map(|error| EventDetails::WaitCancelled(WaitCancelledDetails { error })),
    ]
    .boxed()
}

fn step_events() -> BoxedStrategy<EventDetails> {
    prop_oneof![
        Just(EventDetails::StepStarted(StepStartedDetails {})),
        (result(), retry_details()).prop_map(|(result, retry_details)| {
            EventDetails::StepSucceeded(StepSucceededDetails { result, retry_details })
        }),
        (error(), retry_details()).prop_map(|(error, retry_details)| {
            EventDetails::StepFailed(StepFailedDetails { error, retry_details })
        }),
    ]
    .boxed()
}

fn invoke_events() -> BoxedStrategy<EventDetails> {
    let started = (text(), of(text()), of(input()), of(text()), of(text())).prop_map(
        |(function_name, tenant_id, input, executed_version, durable_execution_arn)| {
            EventDetails::ChainedInvokeStarted(ChainedInvokeStartedDetails {
                function_name,
                tenant_id,
                input,
                executed_version,
                durable_execution_arn,
            })
        },
    );
    prop_oneof![
        started,
        result().prop_map(|result| {
            EventDetails::ChainedInvokeSucceeded(ChainedInvokeSucceededDetails { result })
        }),
        error().prop_map(|error| EventDetails::ChainedInvokeFailed(ChainedInvokeFailedDetails { error })),
        error().prop_map(|error| EventDetails::ChainedInvokeTimedOut(ChainedInvokeTimedOutDetails { error })),
        error().prop_map(|error| EventDetails::ChainedInvokeStopped(ChainedInvokeStoppedDetails { error })),
    ]
    .boxed()
}

fn other_events() -> BoxedStrategy<EventDetails> {
    prop_oneof![
        (text(), of(0..100_u64), of(0..100_u64)).prop_map(|(callback_id, heartbeat_timeout, timeout)| {
            EventDetails::CallbackStarted(CallbackStartedDetails { callback_id, heartbeat_timeout, timeout })
        }),
        result().prop_map(|result| EventDetails::CallbackSucceeded(CallbackSucceededDetails { result })),
        error().prop_map(|error| EventDetails::CallbackFailed(CallbackFailedDetails { error })),
        error().prop_map(|error| EventDetails::CallbackTimedOut(CallbackTimedOutDetails { error })),
        (timestamp(), timestamp(), text(), of(error())).prop_map(
            |(start_timestamp, end_timestamp, request_id, error)| {
                EventDetails::InvocationCompleted(InvocationCompletedDetails {
                    start_timestamp,
                    end_timestamp,
                    request_id,
                    error,
                })
            }
        ),
    ]
    .boxed()
}

/// Any event of a history.
pub(crate) fn event() -> BoxedStrategy<Event> {
    (1..1_000_u64, timestamp(), of(text()), of(text()), of(text()), of(text()), event_details())
        .prop_map(|(event_id, event_timestamp, id, name, sub_type, parent_id, details)| Event {
            event_id,
            event_timestamp,
            id,
            name,
            sub_type,
            parent_id,
            details,
        })
        .boxed()
}

pub(crate) fn durable_config() -> BoxedStrategy<DurableConfig> {
    (of(text()), of(1..=90_u32), of(1..=31_622_400_u32))
        .prop_map(|(kms_key_arn, retention_period_in_days, execution_timeout)| DurableConfig {
            kms_key_arn,
            retention_period_in_days,
            execution_timeout,
        })
        .boxed()
}
