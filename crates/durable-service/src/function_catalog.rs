//! The functions that exist, which may change at any time.

use std::collections::BTreeMap;

use durable_types::DurableConfig;
use durable_types::api::ServiceError;

use crate::chained_invoke::FunctionKind;
use crate::function_versions::FunctionVersions;
use crate::headers::InvocationHeaders;

/// Returns the functions that exist at the moment.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use durable_service::{FunctionCatalog, FunctionDescription, FunctionKind};
///
/// let mut functions = BTreeMap::new();
/// functions.insert("ship".to_owned(), FunctionDescription::new(FunctionKind::Durable));
///
/// assert_eq!(functions.find("ship").unwrap().kind, FunctionKind::Durable);
/// assert!(FunctionCatalog::find(&functions, "pay").is_none());
/// ```
pub trait FunctionCatalog {
    /// Returns the function with this name, or `None` if there is none.
    fn find(&self, name: &str) -> Option<FunctionDescription>;
}

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

impl FunctionCatalog for BTreeMap<String, FunctionDescription> {
    fn find(&self, name: &str) -> Option<FunctionDescription> {
        self.get(name).cloned()
    }
}
