//! Requests and responses of the API, at random.

use durable_types::api::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use crate::arbitrary::*;

pub(crate) fn checkpoint_request() -> BoxedStrategy<CheckpointRequest> {
    (text(), vec(update(), 0..4), of(text()))
        .prop_map(|(checkpoint_token, updates, client_token)| {
            let request = CheckpointRequest::new(String::new(), checkpoint_token, updates);
            with(request, |request| request.client_token = client_token)
        })
        .boxed()
}

pub(crate) fn checkpoint_response() -> BoxedStrategy<CheckpointResponse> {
    (of(text()), vec(operation(), 0..4), of(text()))
        .prop_map(|(checkpoint_token, operations, next_marker)| {
            let state = CheckpointUpdatedExecutionState::new(operations, next_marker);
            with(CheckpointResponse::new(checkpoint_token), |response| response.new_execution_state = state)
        })
        .boxed()
}

pub(crate) fn get_state_response() -> BoxedStrategy<GetStateResponse> {
    (vec(operation(), 0..4), of(text()))
        .prop_map(|(operations, next_marker)| GetStateResponse::new(operations, next_marker))
        .boxed()
}

pub(crate) fn get_history_response() -> BoxedStrategy<GetHistoryResponse> {
    (vec(event(), 0..4), of(text()))
        .prop_map(|(events, next_marker)| GetHistoryResponse::new(events, next_marker))
        .boxed()
}

pub(crate) fn get_execution_response() -> BoxedStrategy<GetExecutionResponse> {
    let identity = (text(), text(), text(), execution_status());
    let data = (of(text()), of(text()), of(error_object()), any::<Option<bool>>());
    let moments = (timestamp(), of(timestamp()), of(timestamp()));
    let rest = (of(text()), of(of(text())), of(durable_config()), of(pause_details()));
    (identity, data, moments, rest)
        .prop_map(|(identity, data, moments, rest)| {
            let (arn, name, function_arn, status) = identity;
            let (input_payload, result, error, execution_data_included) = data;
            let (start_timestamp, end_timestamp, expected_execution_timeout_timestamp) = moments;
            let (version, trace_header, durable_config, pause_details) = rest;
            let response = GetExecutionResponse::new(arn, name, function_arn, status, start_timestamp);
            with(response, |response| {
                response.input_payload = input_payload;
                response.result = result;
                response.error = error;
                response.end_timestamp = end_timestamp;
                response.version = version;
                response.trace_header = trace_header.map(TraceHeader::new);
                response.execution_data_included = execution_data_included;
                response.durable_config = durable_config;
                response.pause_details = pause_details;
                response.expected_execution_timeout_timestamp = expected_execution_timeout_timestamp;
            })
        })
        .boxed()
}

fn pause_details() -> BoxedStrategy<PauseDetails> {
    (timestamp(), of(text()), any::<bool>())
        .prop_map(|(requested, reason, holds_timeout)| {
            with(PauseDetails::new(requested, holds_timeout), |details| details.reason = reason)
        })
        .boxed()
}

fn execution_summary() -> BoxedStrategy<ExecutionSummary> {
    let identity = (text(), text(), text(), execution_status());
    (identity, timestamp(), of(timestamp()), of(text()))
        .prop_map(|(identity, start_timestamp, end_timestamp, kms_key_arn)| {
            let (arn, name, function_arn, status) = identity;
            let summary = ExecutionSummary::new(arn, name, function_arn, status, start_timestamp);
            with(summary, |summary| {
                summary.end_timestamp = end_timestamp;
                summary.kms_key_arn = kms_key_arn;
            })
        })
        .boxed()
}

pub(crate) fn list_executions_response() -> BoxedStrategy<ListExecutionsResponse> {
    (vec(execution_summary(), 0..4), of(text()))
        .prop_map(|(durable_executions, next_marker)| {
            ListExecutionsResponse::new(durable_executions, next_marker)
        })
        .boxed()
}
