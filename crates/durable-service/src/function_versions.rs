//! The versions and aliases of a function.

use std::collections::{BTreeMap, BTreeSet};

use durable_types::{is_version, is_version_number};

/// The versions and aliases of a function.
///
/// A function that lists neither has every version, and every alias resolves to `$LATEST`. A function that lists any
/// has no others.
///
/// ```
/// use durable_service::FunctionVersions;
///
/// let mut versions = FunctionVersions::default();
/// assert_eq!(versions.resolve("live"), Some("$LATEST"));
///
/// versions.aliases.insert("live".to_owned(), "7".to_owned());
/// assert_eq!(versions.resolve("live"), Some("7"));
/// assert_eq!(versions.resolve("test"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionVersions {
    /// The numbers of published versions, in addition to those that aliases point to.
    pub published: BTreeSet<String>,
    /// The version that each alias points to: `$LATEST` or a number.
    pub aliases: BTreeMap<String, String>,
}

impl FunctionVersions {
    /// Resolves a qualifier to `$LATEST` or a version number, or returns `None` if the function has no such version.
    pub fn resolve<'a>(&'a self, qualifier: &'a str) -> Option<&'a str> {
        if self.published.is_empty() && self.aliases.is_empty() {
            return Some(if is_version(qualifier) { qualifier } else { "$LATEST" });
        }
        if let Some(version) = self.aliases.get(qualifier) {
            return Some(version);
        }
        let is_listed =
            self.published.contains(qualifier) || self.aliases.values().any(|version| version == qualifier);
        let is_known = if is_version_number(qualifier) { is_listed } else { is_version(qualifier) };
        is_known.then_some(qualifier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_that_lists_its_versions_has_no_others() {
        let versions = FunctionVersions {
            published: ["1".to_owned()].into(),
            aliases: [("live".to_owned(), "2".to_owned())].into(),
        };

        for (qualifier, version) in [
            ("1", Some("1")),
            ("2", Some("2")),
            ("3", None),
            ("live", Some("2")),
            ("test", None),
            ("$LATEST", Some("$LATEST")),
            ("$LATESTS", None),
        ] {
            assert_eq!(versions.resolve(qualifier), version, "{qualifier}");
        }
    }
}
