//! The two requests of a transport.

use durable_types::api::{CheckpointRequest, GetStateRequest};
use http::Method;

use crate::lambda_api::api_request::{ApiRequest, JSON};

pub(super) fn checkpoint(request: &CheckpointRequest) -> Result<ApiRequest, serde_json::Error> {
    let path = ["2025-12-01", "durable-executions", &request.durable_execution_arn, "checkpoint"];
    let body = serde_json::to_vec(request)?;
    Ok(ApiRequest::new("CheckpointDurableExecution", Method::POST, &path).with_body(JSON, body))
}

pub(super) fn get_state(request: &GetStateRequest) -> ApiRequest {
    let path = ["2025-12-01", "durable-executions", &request.durable_execution_arn, "state"];
    ApiRequest::new("GetDurableExecutionState", Method::GET, &path).with_query(&[
        ("CheckpointToken", Some(&request.checkpoint_token)),
        ("Marker", request.marker.as_ref().map(|marker| marker as _)),
        ("MaxItems", request.max_items.as_ref().map(|items| items as _)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_names_the_execution_in_its_path() {
        let mut request = CheckpointRequest::new("arn:aws:lambda/a b$~", "token", Vec::new());
        request.client_token = Some("client".to_owned());

        let request = checkpoint(&request).unwrap();

        let expected = ["2025-12-01", "durable-executions", "arn:aws:lambda/a b$~", "checkpoint"];
        let expected = ApiRequest::new("CheckpointDurableExecution", Method::POST, &expected)
            .with_body(JSON, r#"{"CheckpointToken":"token","ClientToken":"client"}"#);
        assert_eq!(request, expected);
    }

    #[test]
    fn a_page_is_requested_by_its_marker() {
        let mut request = GetStateRequest::new("arn", "token+/=");
        request.marker = Some("a b".to_owned());
        request.max_items = Some(1_000);

        let request = get_state(&request);

        let path = ["2025-12-01", "durable-executions", "arn", "state"];
        let expected = ApiRequest::new("GetDurableExecutionState", Method::GET, &path).with_query(&[
            ("CheckpointToken", Some(&"token+/=")),
            ("Marker", Some(&"a b")),
            ("MaxItems", Some(&1_000)),
        ]);
        assert_eq!(request, expected);
    }
}
