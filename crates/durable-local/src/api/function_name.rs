//! Which function a caller means, and which version of it.

use durable_service::{FunctionKind, FunctionName};

use super::ApiError;
use crate::service::Service;

/// A function and the version that runs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CalledFunction<'a> {
    pub(super) name: &'a str,
    /// `$LATEST` or a number. An alias stands for `$LATEST`: here every version is the same code.
    pub(super) version: String,
}

impl<'a> CalledFunction<'a> {
    /// Reads how the caller named a function of this service. A durable function must be qualified.
    pub(super) fn parse(text: &'a str, queried: Option<&str>, service: &Service) -> Result<Self, ApiError> {
        let function = local(text, service)?;
        let known = service.functions.find(function.name);
        let is_plain = known.is_some_and(|function| function.kind == FunctionKind::Plain);
        let unqualified = if is_plain { Some("$LATEST") } else { None };
        let version = version(function.qualifier, queried, unqualified)?;
        Ok(Self { name: function.name, version })
    }
}

/// A function whose executions are listed, and the version that runs them; none: every version.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ListedFunction<'a> {
    pub(super) name: &'a str,
    pub(super) version: Option<String>,
}

impl<'a> ListedFunction<'a> {
    /// Reads how the caller named a function of this service, with or without a version.
    pub(super) fn parse(text: &'a str, queried: Option<&str>, service: &Service) -> Result<Self, ApiError> {
        let function = local(text, service)?;
        let is_qualified = function.qualifier.or(queried).is_some();
        let version = is_qualified.then(|| version(function.qualifier, queried, None)).transpose()?;
        Ok(Self { name: function.name, version })
    }
}

/// Takes the name of a function apart, unless it is one of another service.
fn local<'a>(text: &'a str, service: &Service) -> Result<FunctionName<'a>, ApiError> {
    let function = FunctionName::split(text);
    let is_elsewhere = function.region.is_some_and(|region| region != service.region)
        || function.account_id.is_some_and(|account| account != service.account_id);
    if is_elsewhere {
        return Err(ApiError::not_found(format!(
            "Function not found: {text}; this service is account {} in {}",
            service.account_id, service.region
        )));
    }
    Ok(function)
}

fn version(
    named: Option<&str>,
    queried: Option<&str>,
    unqualified: Option<&str>,
) -> Result<String, ApiError> {
    if let (Some(named), Some(queried)) = (named, queried)
        && named != queried
    {
        return Err(ApiError::invalid(
            "The derived qualifier from the function name does not match the specified qualifier.",
        ));
    }
    match named.or(queried).or(unqualified) {
        Some(qualifier) => {
            Ok(FunctionName { region: None, account_id: None, name: "", qualifier: Some(qualifier) }
                .version()
                .to_owned())
        }
        None => Err(ApiError::invalid("You cannot invoke a durable function using an unqualified ARN.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_durable_function_without_version_is_refused() {
        let error = version(None, None, None).unwrap_err();

        assert_eq!(error.to_string(), "You cannot invoke a durable function using an unqualified ARN.");
    }

    #[test]
    fn a_plain_function_without_version_is_the_latest() {
        assert_eq!(version(None, None, Some("$LATEST")).unwrap(), "$LATEST");
    }

    #[test]
    fn an_alias_stands_for_the_latest_version() {
        assert_eq!(version(None, Some("live"), None).unwrap(), "$LATEST");
        assert_eq!(version(Some("$LATEST"), None, None).unwrap(), "$LATEST");
        assert_eq!(version(Some("12"), Some("12"), None).unwrap(), "12");
    }

    #[test]
    fn two_different_qualifiers_are_refused() {
        assert!(version(Some("1"), Some("2"), None).is_err());
    }
}
