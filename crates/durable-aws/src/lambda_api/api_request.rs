//! The two requests on the wire, apart from their headers.

use bytes::Bytes;
use durable_types::api::{CheckpointRequest, GetStateRequest};
use http::Method;
use percent_encoding::utf8_percent_encode;

use super::encoding::SEGMENT;

/// A request before it is signed.
///
/// # Invariants
/// - Path and query are percent-encoded, and the parameters of the query are in alphabetical order, as signatures demand.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ApiRequest {
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    /// The body, which is JSON or empty.
    pub(crate) body: Bytes,
}

impl ApiRequest {
    pub(crate) fn checkpoint(request: &CheckpointRequest) -> Result<Self, serde_json::Error> {
        Ok(Self {
            operation: "CheckpointDurableExecution",
            method: Method::POST,
            path: path(&request.durable_execution_arn, "checkpoint"),
            query: String::new(),
            body: serde_json::to_vec(request)?.into(),
        })
    }

    pub(crate) fn get_state(request: &GetStateRequest) -> Self {
        let mut query = format!("CheckpointToken={}", encoded(&request.checkpoint_token));
        if let Some(marker) = &request.marker {
            query.push_str(&format!("&Marker={}", encoded(marker)));
        }
        if let Some(max_items) = request.max_items {
            query.push_str(&format!("&MaxItems={max_items}"));
        }
        Self {
            operation: "GetDurableExecutionState",
            method: Method::GET,
            path: path(&request.durable_execution_arn, "state"),
            query,
            body: Bytes::new(),
        }
    }
}

fn path(arn: &str, resource: &str) -> String {
    format!("/2025-12-01/durable-executions/{}/{resource}", encoded(arn))
}

fn encoded(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, SEGMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_names_the_execution_in_its_path() {
        let mut request = CheckpointRequest::new("arn:aws:lambda/a b$~", "token", Vec::new());
        request.client_token = Some("client".to_owned());

        let request = ApiRequest::checkpoint(&request).unwrap();

        assert_eq!(request.path, "/2025-12-01/durable-executions/arn%3Aaws%3Alambda%2Fa%20b%24~/checkpoint");
        assert_eq!(request.query, "");
        assert_eq!(request.body, r#"{"CheckpointToken":"token","ClientToken":"client"}"#);
    }

    #[test]
    fn a_page_is_requested_by_parameters_in_alphabetical_order() {
        let mut request = GetStateRequest::new("arn", "token+/=");
        request.marker = Some("a b".to_owned());
        request.max_items = Some(1_000);

        let request = ApiRequest::get_state(&request);

        assert_eq!(request.path, "/2025-12-01/durable-executions/arn/state");
        assert_eq!(request.query, "CheckpointToken=token%2B%2F%3D&Marker=a%20b&MaxItems=1000");
        assert_eq!(request.body, "");
    }
}
