//! What AWS's client understood, as our types.

use aws_sdk_lambda::operation::get_durable_execution::GetDurableExecutionOutput;
use aws_sdk_lambda::primitives::DateTime;
use aws_sdk_lambda::types as aws;
use durable_types::api::{ExecutionSummary, GetExecutionResponse, TraceHeader};
use durable_types::*;

use crate::arbitrary::with;

pub(crate) fn operation(operation: aws::Operation) -> Operation {
    let (operation_type, status) = (operation.r#type.as_str().into(), operation.status.as_str().into());
    with(Operation::new(operation.id, operation_type, status), |record| {
        record.parent_id = operation.parent_id.map(Into::into);
        record.name = operation.name.map(Into::into);
        record.sub_type = operation.sub_type.map(Into::into);
        record.start_timestamp = Some(timestamp(operation.start_timestamp));
        record.end_timestamp = operation.end_timestamp.map(timestamp);
        let details = [
            operation.execution_details.map(|it| ExecutionDetails::new(it.input_payload).into()),
            operation.context_details.map(|it| context(it).into()),
            operation.step_details.map(|it| step(it).into()),
            operation
                .wait_details
                .map(|it| WaitDetails::new(it.scheduled_end_timestamp.map(timestamp)).into()),
            operation.callback_details.map(|it| callback(it).into()),
            operation
                .chained_invoke_details
                .map(|it| ChainedInvokeDetails::new(it.result, it.error.map(error)).into()),
        ];
        record.details = details.into_iter().flatten().next();
    })
}

fn context(details: aws::ContextDetails) -> ContextDetails {
    with(ContextDetails::new(details.result, details.error.map(error)), |context| {
        context.replay_children = details.replay_children;
    })
}

fn step(details: aws::StepDetails) -> StepDetails {
    with(StepDetails::new(details.result, details.error.map(error)), |step| {
        step.attempt = Some(details.attempt.try_into().unwrap());
        step.next_attempt_timestamp = details.next_attempt_timestamp.map(timestamp);
    })
}

fn callback(details: aws::CallbackDetails) -> CallbackDetails {
    with(CallbackDetails::new(details.result, details.error.map(error)), |callback| {
        callback.callback_id = details.callback_id;
    })
}

pub(crate) fn execution(execution: GetDurableExecutionOutput) -> GetExecutionResponse {
    let response = GetExecutionResponse::new(
        execution.durable_execution_arn,
        execution.durable_execution_name,
        execution.function_arn,
        execution.status.as_str().into(),
        timestamp(execution.start_timestamp),
    );
    with(response, |response| {
        response.input_payload = execution.input_payload;
        response.result = execution.result;
        response.error = execution.error.map(error);
        response.end_timestamp = execution.end_timestamp.map(timestamp);
        response.version = execution.version;
        response.trace_header = execution.trace_header.map(|header| TraceHeader::new(header.x_amzn_trace_id));
        response.execution_data_included = execution.execution_data_included;
        response.durable_config = execution.durable_config.map(durable_config);
    })
}

pub(crate) fn execution_summary(execution: aws::Execution) -> ExecutionSummary {
    let summary = ExecutionSummary::new(
        execution.durable_execution_arn,
        execution.durable_execution_name,
        execution.function_arn,
        execution.status.as_str().into(),
        timestamp(execution.start_timestamp),
    );
    with(summary, |summary| {
        summary.end_timestamp = execution.end_timestamp.map(timestamp);
        summary.kms_key_arn = execution.kms_key_arn;
    })
}

pub(crate) fn error(error: aws::ErrorObject) -> ErrorObject {
    with(ErrorObject::default(), |object| {
        object.error_message = error.error_message;
        object.error_type = error.error_type;
        object.error_data = error.error_data;
        object.stack_trace = error.stack_trace;
    })
}

pub(crate) fn timestamp(moment: DateTime) -> Timestamp {
    // Seconds as a floating-point number are not exact to the nanosecond.
    let micros = (moment.as_nanos() + 500).div_euclid(1_000);
    Timestamp::from_micros(micros.try_into().unwrap())
}

pub(crate) fn durable_config(config: aws::DurableConfig) -> DurableConfig {
    with(DurableConfig::default(), |durable| {
        durable.kms_key_arn = config.kms_key_arn;
        durable.retention_period_in_days =
            config.retention_period_in_days.map(|days| days.try_into().unwrap());
        durable.execution_timeout = config.execution_timeout.map(|seconds| seconds.try_into().unwrap());
    })
}
