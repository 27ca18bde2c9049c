//! The properties of a function on which the rules of the service depend.

use durable_types::DurableConfig;
use durable_types::api::ServiceError;

use crate::function_versions::FunctionVersions;
use crate::headers::InvocationHeaders;

/// The properties of a function on which the rules of the service depend.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionDescription {
    /// The kind of the function.
    pub kind: FunctionKind,
    /// Its versions and aliases.
    pub versions: FunctionVersions,
    /// The durable settings of its executions.
    pub durable_config: DurableConfig,
    /// Whether each call must name a tenant.
    pub isolates_tenants: bool,
}

impl FunctionDescription {
    /// Creates a description without versions or settings.
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

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// A call starts an execution.
    Durable,
    /// A call is one invocation that receives the input and returns the result.
    Plain,
}
