//! What AWS's client understood, as our types.

use aws_sdk_lambda::primitives::DateTime;
use aws_sdk_lambda::types as aws;
use durable_types::*;

pub(crate) fn operation(operation: aws::Operation) -> Operation {
    Operation {
        id: operation.id,
        parent_id: operation.parent_id,
        name: operation.name,
        operation_type: operation.r#type.as_str().into(),
        sub_type: operation.sub_type,
        status: operation.status.as_str().into(),
        start_timestamp: Some(timestamp(operation.start_timestamp)),
        end_timestamp: operation.end_timestamp.map(timestamp),
        execution_details: operation
            .execution_details
            .map(|details| Box::new(ExecutionDetails { input_payload: details.input_payload })),
        context_details: operation.context_details.map(|details| {
            Box::new(ContextDetails {
                replay_children: details.replay_children,
                result: details.result,
                error: details.error.map(error),
            })
        }),
        step_details: operation.step_details.map(|details| {
            Box::new(StepDetails {
                attempt: Some(details.attempt.try_into().unwrap()),
                next_attempt_timestamp: details.next_attempt_timestamp.map(timestamp),
                result: details.result,
                error: details.error.map(error),
            })
        }),
        wait_details: operation.wait_details.map(|details| {
            Box::new(WaitDetails { scheduled_end_timestamp: details.scheduled_end_timestamp.map(timestamp) })
        }),
        callback_details: operation.callback_details.map(|details| {
            Box::new(CallbackDetails {
                callback_id: details.callback_id,
                result: details.result,
                error: details.error.map(error),
            })
        }),
        chained_invoke_details: operation.chained_invoke_details.map(|details| {
            Box::new(ChainedInvokeDetails { result: details.result, error: details.error.map(error) })
        }),
    }
}

pub(crate) fn error(error: aws::ErrorObject) -> ErrorObject {
    ErrorObject {
        error_message: error.error_message,
        error_type: error.error_type,
        error_data: error.error_data,
        stack_trace: error.stack_trace,
    }
}

pub(crate) fn timestamp(moment: DateTime) -> Timestamp {
    // Seconds as a floating-point number are not exact to the nanosecond.
    let micros = (moment.as_nanos() + 500).div_euclid(1_000);
    Timestamp::from_micros(micros.try_into().unwrap())
}

pub(crate) fn durable_config(config: aws::DurableConfig) -> DurableConfig {
    DurableConfig {
        kms_key_arn: config.kms_key_arn,
        retention_period_in_days: config.retention_period_in_days.map(|days| days.try_into().unwrap()),
        execution_timeout: config.execution_timeout.map(|seconds| seconds.try_into().unwrap()),
    }
}
