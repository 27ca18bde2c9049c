//! What the invocations of an execution are made with besides their payload.

use durable_types::api::ServiceError;
use serde::{Deserialize, Serialize};

/// What every invocation of an execution is made with besides its payload, as the caller gave it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvocationHeaders {
    /// The trace that the execution belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_header: Option<String>,
    /// The tenant that it runs for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// What the caller told of itself: base64 of JSON in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_context: Option<String>,
    /// Where its function is invoked, if that is known by this alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
}

impl InvocationHeaders {
    /// Whether a function may be called with them.
    ///
    /// # Errors
    /// `InvalidParameterValueException` if its tenants are kept apart and no tenant is named.
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
