//! The functions of a service, by name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use durable_service::{FunctionKind, FunctionVersions};

use super::error::StartError;
use super::function::RunningFunction;
use super::output_tails::OutputTails;
use super::settings::FunctionDefinition;
use crate::function::FunctionPool;

/// The functions of a service, by name.
#[derive(Default)]
pub(crate) struct Functions(HashMap<String, Arc<RunningFunction>>);

impl Functions {
    /// Makes these functions ready to run. Those that are processes run among those of the pool.
    pub(super) fn new(
        definitions: Vec<FunctionDefinition>,
        pool: Option<&FunctionPool>,
        tails: &OutputTails,
    ) -> Result<Self, StartError> {
        let mut functions = HashMap::new();
        for definition in definitions {
            let name = definition.name.clone();
            let function = RunningFunction::new(definition, pool, tails.clone())?;
            if functions.insert(name.clone(), Arc::new(function)).is_some() {
                return Err(StartError::FunctionTwice(name));
            }
        }
        Ok(Self(functions))
    }

    /// The function of this name.
    pub(crate) fn find(&self, name: &str) -> Option<&Arc<RunningFunction>> {
        self.0.get(name)
    }

    /// The names of all of them, in order.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// What calling each of them means.
    pub(super) fn kinds(&self) -> BTreeMap<String, FunctionKind> {
        self.0.iter().map(|(name, function)| (name.clone(), function.kind)).collect()
    }

    /// The versions of each of them.
    pub(super) fn versions(&self) -> BTreeMap<String, FunctionVersions> {
        self.0.iter().map(|(name, function)| (name.clone(), function.versions.clone())).collect()
    }
}
