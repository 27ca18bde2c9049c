//! The headers of the invocations of an execution.

use durable_types::api::ServiceError;
use serde::{Deserialize, Serialize};

/// The headers that every invocation of an execution receives with the payload, as passed by the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvocationHeaders {
    /// The trace header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_header: Option<String>,
    /// The tenant id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The client context: base64-encoded JSON without line breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_context: Option<String>,
    /// The endpoint of the function, if the function is known only by its endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
}

impl InvocationHeaders {
    /// Rejects headers without a tenant if the function isolates its tenants.
    ///
    /// # Errors
    /// `InvalidParameterValueException` if the tenant is missing.
    pub fn check_tenant(&self, isolates_tenants: bool) -> Result<(), ServiceError> {
        if isolates_tenants && self.tenant_id.is_none() {
            return Err(ServiceError::invalid(
                "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request \
                 and try again.",
            ));
        }
        Ok(())
    }
}
