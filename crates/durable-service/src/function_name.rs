//! Parses function names: a name, a partial ARN or an ARN, optionally with a version or an alias.

use durable_types::is_version;

/// The parts of `[[arn:PARTITION:lambda:][REGION:]ACCOUNT:function:]NAME[:QUALIFIER]`.
///
/// ```
/// use durable_service::FunctionName;
///
/// let name = FunctionName::split("us-east-1:000000000000:function:order:live");
///
/// assert_eq!((name.region, name.account_id), (Some("us-east-1"), Some("000000000000")));
/// assert_eq!((name.name, name.qualifier), ("order", Some("live")));
/// assert_eq!(name.version(), "$LATEST");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionName<'a> {
    /// The region, if present.
    pub region: Option<&'a str>,
    /// The account id, if present.
    pub account_id: Option<&'a str>,
    /// The unqualified name.
    pub name: &'a str,
    /// The version or alias, if present.
    pub qualifier: Option<&'a str>,
}

impl<'a> FunctionName<'a> {
    /// Splits a name into its parts. Malformed text yields a name that no function has.
    pub fn split(text: &'a str) -> Self {
        let words: Vec<&str> = text.split(':').collect();
        let (prefix, rest) = match words.iter().position(|word| *word == "function") {
            // A trailing `function` is a qualifier or the name of a function.
            Some(index) if index.saturating_add(1) < words.len() => words.split_at(index.saturating_add(1)),
            _ => words.split_at(0),
        };
        let (region, account_id) = match prefix {
            [.., region, account, "function"] => (Some(*region), Some(*account)),
            [account, "function"] => (None, Some(*account)),
            _ => (None, None),
        };
        let name = rest.first().copied().unwrap_or_default();
        Self { region, account_id, name, qualifier: rest.get(1).copied() }
    }

    /// Returns the version to run: `$LATEST` or a number. An alias resolves to `$LATEST`.
    pub fn version(&self) -> &'a str {
        self.qualifier.filter(|qualifier| is_version(qualifier)).unwrap_or("$LATEST")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (Option<&str>, Option<&str>, &str, Option<&str>) {
        let name = FunctionName::split(text);
        (name.region, name.account_id, name.name, name.qualifier)
    }

    #[test]
    fn every_form_of_a_name_is_parsed() {
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
    fn an_alias_resolves_to_latest() {
        let version = |text| FunctionName::split(text).version();

        assert_eq!(version("order"), "$LATEST");
        assert_eq!(version("order:live"), "$LATEST");
        assert_eq!(version("order:12"), "12");
        assert_eq!(version("order:$LATEST.PUBLISHED"), "$LATEST.PUBLISHED");
    }
}
