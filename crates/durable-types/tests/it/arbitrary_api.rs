//! Requests and responses of the API, at random.

use durable_types::api::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use crate::arbitrary::*;

pub(crate) fn checkpoint_request() -> BoxedStrategy<CheckpointRequest> {
    (text(), vec(update(), 0..4), of(text()))
        .prop_map(|(checkpoint_token, updates, client_token)| CheckpointRequest {
            durable_execution_arn: String::new(),
            checkpoint_token,
            updates,
            client_token,
        })
        .boxed()
}

pub(crate) fn checkpoint_response() -> BoxedStrategy<CheckpointResponse> {
    (of(text()), vec(operation(), 0..4), of(text()))
        .prop_map(|(checkpoint_token, operations, next_marker)| CheckpointResponse {
            checkpoint_token,
            new_execution_state: CheckpointUpdatedExecutionState { operations, next_marker },
        })
        .boxed()
}

pub(crate) fn get_state_response() -> BoxedStrategy<GetStateResponse> {
    (vec(operation(), 0..4), of(text()))
        .prop_map(|(operations, next_marker)| GetStateResponse { operations, next_marker })
        .boxed()
}

pub(crate) fn get_history_response() -> BoxedStrategy<GetHistoryResponse> {
    (vec(event(), 0..4), of(text()))
        .prop_map(|(events, next_marker)| GetHistoryResponse { events, next_marker })
        .boxed()
}

pub(crate) fn get_execution_response() -> BoxedStrategy<GetExecutionResponse> {
    let identity = (text(), text(), text(), execution_status());
    let data = (of(text()), of(text()), of(error_object()), any::<Option<bool>>());
    let moments = (timestamp(), of(timestamp()), of(timestamp()));
    let rest = (of(text()), of(of(text())), of(durable_config()), of(pause_details()));
    (identity, data, moments, rest)
        .prop_map(|(identity, data, moments, rest)| {
            let (durable_execution_arn, durable_execution_name, function_arn, status) = identity;
            let (input_payload, result, error, execution_data_included) = data;
            let (start_timestamp, end_timestamp, expected_execution_timeout_timestamp) = moments;
            let (version, trace_header, durable_config, pause_details) = rest;
            GetExecutionResponse {
                durable_execution_arn,
                durable_execution_name,
                function_arn,
                input_payload,
                result,
                error,
                start_timestamp,
                status,
                end_timestamp,
                version,
                trace_header: trace_header.map(|x_amzn_trace_id| TraceHeader { x_amzn_trace_id }),
                execution_data_included,
                durable_config,
                pause_details,
                expected_execution_timeout_timestamp,
            }
        })
        .boxed()
}

fn pause_details() -> BoxedStrategy<PauseDetails> {
    (timestamp(), of(text()), any::<bool>())
        .prop_map(|(pause_request_timestamp, reason, execution_timeout_paused)| PauseDetails {
            pause_request_timestamp,
            reason,
            execution_timeout_paused,
        })
        .boxed()
}

fn execution_summary() -> BoxedStrategy<ExecutionSummary> {
    let identity = (text(), text(), text(), execution_status());
    (identity, timestamp(), of(timestamp()), of(text()))
        .prop_map(|(identity, start_timestamp, end_timestamp, kms_key_arn)| {
            let (durable_execution_arn, durable_execution_name, function_arn, status) = identity;
            ExecutionSummary {
                durable_execution_arn,
                durable_execution_name,
                function_arn,
                status,
                start_timestamp,
                end_timestamp,
                kms_key_arn,
            }
        })
        .boxed()
}

pub(crate) fn list_executions_response() -> BoxedStrategy<ListExecutionsResponse> {
    (vec(execution_summary(), 0..4), of(text()))
        .prop_map(|(durable_executions, next_marker)| ListExecutionsResponse {
            durable_executions,
            next_marker,
        })
        .boxed()
}
