//! The properties of a function that the service's rules depend on.

use durable_types::DurableConfig;
use durable_types::api::ServiceError;

use crate::function_versions::FunctionVersions;
use crate::headers::InvocationHeaders;

/// The properties of a function that the service's rules depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionDescription {
    /// The meaning of a call.
    pub kind: FunctionKind,
    /// Its versions and aliases.
    pub versions: FunctionVersions,
    /// The durable settings of its executions.
    pub durable_config: DurableConfig,
    /// Whether each call must name a tenant.
    pub isolates_tenants: bool,
}

impl FunctionDescription {
    /// Describes a function that lists no versions and has no settings of its own.
    pub fn new(kind: FunctionKind) -> Self {
        let (versions, durable_config) = (FunctionVersions::default(), DurableConfig::default());
        Self { kind, versions, durable_config, isolates_tenants: false }
    }

    /// Rejects a call without a tenant if the function isolates its tenants.
    ///
    /// # Errors
    /// `InvalidParameterValueException` if the tenant is missing.
    pub fn check_tenant(&self, headers: &InvocationHeaders) -> Result<(), ServiceError> {
        headers.check_tenant(self.isolates_tenants)
    }
}

/// What calling a function means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// The call starts an execution of its own.
    Durable,
    /// The call is one invocation, which gets the input and answers with the result.
    Plain,
}
