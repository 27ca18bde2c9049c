//! The functions of a service, by name.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use durable_service::{FunctionCatalog, FunctionDescription};

use super::elsewhere::Elsewhere;
use super::error::StartError;
use super::function::RunningFunction;
use super::output_tails::OutputTails;
use super::settings::FunctionDefinition;
use crate::function::FunctionPool;

/// The functions of a service, by name.
pub(crate) struct Functions {
    known: HashMap<String, Arc<RunningFunction>>,
    elsewhere: Elsewhere,
}

impl Functions {
    /// Makes these functions ready to run. Those that are processes run among those of the pool.
    pub(super) fn new(
        definitions: Vec<FunctionDefinition>,
        pool: Option<&FunctionPool>,
        tails: &OutputTails,
    ) -> Result<Self, StartError> {
        let mut known = HashMap::new();
        for definition in definitions {
            let name = definition.name.clone();
            let function = RunningFunction::new(definition, pool, tails.clone())?;
            if known.insert(name.clone(), Arc::new(function)).is_some() {
                return Err(StartError::FunctionTwice(name));
            }
        }
        Ok(Self { known, elsewhere: Elsewhere::new(tails.clone()) })
    }

    /// The function of this name.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<RunningFunction>> {
        self.known.get(name)
    }

    /// The function of this name, or else the one at the address that is told.
    pub(crate) fn find_at(&self, name: &str, endpoint: Option<&str>) -> Option<Arc<RunningFunction>> {
        self.named(name).cloned().or_else(|| self.elsewhere.at(endpoint?).ok())
    }

    /// Functions that are not among them.
    pub(crate) fn elsewhere(&self) -> &Elsewhere {
        &self.elsewhere
    }

    /// The names of all of them, in order.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.known.keys().map(String::as_str).collect()
    }
}

impl FunctionCatalog for Functions {
    fn find(&self, name: &str) -> Option<FunctionDescription> {
        self.known.get(name).map(|function| function.description.clone())
    }
}
