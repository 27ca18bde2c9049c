//! The environment variables of a function in the file.

use std::collections::BTreeMap;

use durable_functions::environment::{passed_on, unpassable, unsettable};
use toml::Spanned;

use super::error::ConfigError;
use super::place::Source;

/// `environment` and `pass_environment` as parsed.
#[derive(Default)]
pub(super) struct EnvironmentKeys {
    pub(super) own: BTreeMap<Spanned<String>, Spanned<String>>,
    pub(super) passed_on: Vec<Spanned<String>>,
}

impl EnvironmentKeys {
    /// Checks the variables. Those set in the file override those that are passed on.
    pub(super) fn check(self, source: &Source<'_>) -> Result<BTreeMap<String, String>, ConfigError> {
        for name in &self.passed_on {
            if let Some(problem) = unpassable(name.get_ref()) {
                return Err(source.error_at(name.span(), format!("`pass_environment`: {problem}")));
            }
        }
        for (name, value) in &self.own {
            if let Some(problem) = unsettable(name.get_ref()) {
                return Err(source.error_at(name.span(), format!("`environment`: {problem}")));
            }
            source.without_nul(&format!("environment.{}", name.get_ref()), value.get_ref(), value.span())?;
        }
        let mut variables: BTreeMap<String, String> =
            passed_on(self.passed_on.iter().map(|name| name.get_ref().as_str())).collect();
        let own = self.own.into_iter().map(|(name, value)| (name.into_inner(), value.into_inner()));
        variables.extend(own);
        Ok(variables)
    }
}
