//! Resolves how a caller identifies a function and its version.

use durable_host::account::function_not_found;
use durable_service::{FunctionKind, FunctionName, FunctionVersions};

use super::error::ApiError;
use super::service::Service;

/// A function to invoke, and its version.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CalledFunction<'a> {
    pub(super) name: &'a str,
    /// `$LATEST` or a number. Every version has the same code here.
    pub(super) version: String,
}

impl<'a> CalledFunction<'a> {
    /// Resolves a function of this service. A durable function must be qualified; a function that does not exist is not
    /// found, whether it is qualified or not.
    pub(super) fn parse(text: &'a str, queried: Option<&str>, service: &Service) -> Result<Self, ApiError> {
        let function = local(text, service)?;
        let known = service.functions().find(function.name);
        let is_durable = known.is_some_and(|function| function.kind == FunctionKind::Durable);
        let unqualified = if is_durable { None } else { Some("$LATEST") };
        let qualifier = qualifier(function.qualifier, queried, unqualified)?;
        Ok(Self { name: function.name, version: version(function.name, qualifier, service)? })
    }
}

/// A function whose executions are listed, and their version, or `None` for every version.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ListedFunction<'a> {
    pub(super) name: &'a str,
    pub(super) version: Option<String>,
}

impl<'a> ListedFunction<'a> {
    /// Resolves a function of this service, with or without a version.
    pub(super) fn parse(text: &'a str, queried: Option<&str>, service: &Service) -> Result<Self, ApiError> {
        let function = local(text, service)?;
        if function.qualifier.or(queried).is_none() {
            return Ok(Self { name: function.name, version: None });
        }
        let qualifier = qualifier(function.qualifier, queried, None)?;
        Ok(Self { name: function.name, version: Some(version(function.name, qualifier, service)?) })
    }
}

/// Splits the name or ARN of a function, unless it belongs to another account or region.
fn local<'a>(text: &'a str, service: &Service) -> Result<FunctionName<'a>, ApiError> {
    let function = FunctionName::split(text);
    let is_foreign = function.region.is_some_and(|region| region != service.account().region)
        || function.account_id.is_some_and(|account| account != service.account().id);
    if is_foreign {
        let place = format!(
            "{text}; this service is account {} in {}",
            service.account().id,
            service.account().region
        );
        return Err(function_not_found(&place).into());
    }
    Ok(function)
}

/// Resolves a qualifier to a version.
fn version(name: &str, qualifier: &str, service: &Service) -> Result<String, ApiError> {
    // A function that does not exist is rejected elsewhere.
    let any = FunctionVersions::default();
    let versions = service.functions().find(name).map_or(any, |function| function.versions);
    let version = versions.resolve(qualifier);
    let version = version.map(str::to_owned);
    version.ok_or_else(|| function_not_found(&service.account().function_arn(name, qualifier)).into())
}

/// Returns the qualifier, which may be part of the name, a query parameter, or both if they are equal.
fn qualifier<'a>(
    named: Option<&'a str>,
    queried: Option<&'a str>,
    unqualified: Option<&'a str>,
) -> Result<&'a str, ApiError> {
    if let (Some(named), Some(queried)) = (named, queried)
        && named != queried
    {
        return Err(ApiError::invalid(
            "The derived qualifier from the function name does not match the specified qualifier.",
        ));
    }
    named
        .or(queried)
        .or(unqualified)
        .ok_or_else(|| ApiError::invalid("You cannot invoke a durable function using an unqualified ARN."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_durable_function_without_a_version_is_rejected() {
        let error = qualifier(None, None, None).unwrap_err();

        assert_eq!(error.to_string(), "You cannot invoke a durable function using an unqualified ARN.");
    }

    #[test]
    fn a_plain_function_without_a_version_is_the_latest() {
        assert_eq!(qualifier(None, None, Some("$LATEST")).unwrap(), "$LATEST");
    }

    #[test]
    fn a_qualifier_may_be_in_either_place_or_the_same_in_both() {
        assert_eq!(qualifier(None, Some("live"), None).unwrap(), "live");
        assert_eq!(qualifier(Some("$LATEST"), None, None).unwrap(), "$LATEST");
        assert_eq!(qualifier(Some("12"), Some("12"), None).unwrap(), "12");
        assert!(qualifier(Some("1"), Some("2"), None).is_err());
    }
}
