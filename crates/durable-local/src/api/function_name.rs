//! How a caller names a function: a name, a partial ARN or an ARN, with a version or an alias.

use super::ApiError;
use crate::service::Service;

/// A function and the version that runs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FunctionName<'a> {
    pub(super) name: &'a str,
    /// `$LATEST` or a number. An alias stands for `$LATEST`: here every version is the same code.
    pub(super) version: String,
}

impl<'a> FunctionName<'a> {
    /// Reads how the caller named a function of this service. It must be qualified.
    pub(super) fn parse(text: &'a str, qualifier: Option<&str>, service: &Service) -> Result<Self, ApiError> {
        let parts = Parts::split(text);
        let is_elsewhere = parts.region.is_some_and(|region| region != service.region)
            || parts.account_id.is_some_and(|account| account != service.account_id);
        if is_elsewhere {
            return Err(ApiError::not_found(format!(
                "Function not found: {text}; this service is account {} in {}",
                service.account_id, service.region
            )));
        }
        Ok(Self { name: parts.name, version: version(parts.qualifier, qualifier)? })
    }
}

/// `[[arn:PARTITION:lambda:][REGION:]ACCOUNT:function:]NAME[:QUALIFIER]`, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Parts<'a> {
    region: Option<&'a str>,
    account_id: Option<&'a str>,
    name: &'a str,
    qualifier: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Self {
        let words: Vec<&str> = text.split(':').collect();
        let (place, rest) = match words.iter().position(|word| *word == "function") {
            // At the end it is a qualifier, or the name of a function.
            Some(index) if index.saturating_add(1) < words.len() => words.split_at(index.saturating_add(1)),
            _ => words.split_at(0),
        };
        let (region, account_id) = match place {
            [.., region, account, "function"] => (Some(*region), Some(*account)),
            [account, "function"] => (None, Some(*account)),
            _ => (None, None),
        };
        let name = rest.first().copied().unwrap_or_default();
        Self { region, account_id, name, qualifier: rest.get(1).copied() }
    }
}

fn version(named: Option<&str>, queried: Option<&str>) -> Result<String, ApiError> {
    let qualifier = match (named, queried) {
        (Some(named), Some(queried)) if named != queried => {
            return Err(ApiError::invalid(
                "The derived qualifier from the function name does not match the specified qualifier.",
            ));
        }
        (Some(qualifier), _) | (None, Some(qualifier)) => qualifier,
        (None, None) => {
            return Err(ApiError::invalid("You cannot invoke a durable function using an unqualified ARN."));
        }
    };
    let is_version = qualifier.starts_with('$') || qualifier.bytes().all(|byte| byte.is_ascii_digit());
    Ok(if is_version { qualifier } else { "$LATEST" }.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (Option<&str>, Option<&str>, &str, Option<&str>) {
        let parts = Parts::split(text);
        (parts.region, parts.account_id, parts.name, parts.qualifier)
    }

    #[test]
    fn every_form_of_a_name_is_understood() {
        let (region, account) = (Some("us-east-1"), Some("000000000000"));

        assert_eq!(split("order"), (None, None, "order", None));
        assert_eq!(split("order:7"), (None, None, "order", Some("7")));
        assert_eq!(split("function:order"), (None, None, "order", None));
        assert_eq!(split("function"), (None, None, "function", None));
        assert_eq!(split("000000000000:function:order"), (None, account, "order", None));
        assert_eq!(
            split("us-east-1:000000000000:function:order:live"),
            (region, account, "order", Some("live"))
        );
        assert_eq!(
            split("arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST"),
            (region, account, "order", Some("$LATEST"))
        );
    }

    #[test]
    fn a_name_without_version_is_refused() {
        let error = version(None, None).unwrap_err();

        assert_eq!(error.to_string(), "You cannot invoke a durable function using an unqualified ARN.");
    }

    #[test]
    fn an_alias_stands_for_the_latest_version() {
        assert_eq!(version(None, Some("live")).unwrap(), "$LATEST");
        assert_eq!(version(Some("$LATEST"), None).unwrap(), "$LATEST");
        assert_eq!(version(Some("12"), Some("12")).unwrap(), "12");
    }

    #[test]
    fn two_different_qualifiers_are_refused() {
        assert!(version(Some("1"), Some("2")).is_err());
    }
}
