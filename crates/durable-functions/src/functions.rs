//! The functions of a service.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use durable_host::ExecutionApi;
use durable_host::clock::Clock;
use durable_host::function::{Deliver, Ended, FunctionCall, FunctionInvoker, Invoking};
use durable_service::{FunctionCatalog, FunctionDescription, FunctionInvocation, InvocationEnd};
use durable_types::ErrorObject;

use crate::definition::FunctionDefinition;
use crate::endpoint_functions::EndpointFunctions;
use crate::error::FunctionsError;
use crate::output_tails::OutputTails;
use crate::pool::FunctionPool;
use crate::running_function::RunningFunction;

/// The functions of a service, by name.
///
/// If there is no function with an execution's function name, and the execution was started with an endpoint, the
/// function at that endpoint is invoked.
pub struct Functions {
    by_name: HashMap<String, Arc<RunningFunction>>,
    at_endpoints: Arc<EndpointFunctions>,
    tails: OutputTails,
    clock: Arc<dyn Clock>,
}

impl Functions {
    /// Creates the functions. Those that run as child processes run in the pool.
    ///
    /// `tails` must be those that the pool writes to.
    pub fn new(
        definitions: Vec<FunctionDefinition>,
        pool: Option<&FunctionPool>,
        tails: &OutputTails,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, FunctionsError> {
        let at_endpoints = Arc::new(EndpointFunctions::new(tails.clone(), Arc::clone(clock)));
        let (tails, clock) = (tails.clone(), Arc::clone(clock));
        let empty = Self { by_name: HashMap::new(), at_endpoints, tails, clock };
        empty.with(definitions, pool)
    }

    /// Returns these functions along with others, which replace those of the same name.
    ///
    /// A function that runs as child processes is also added to the pool, where it replaces one of the same name.
    ///
    /// # Errors
    /// Returns an error if two definitions have the same name, or a function needs a pool and there is none. Nothing is
    /// changed then.
    pub fn with(
        &self,
        definitions: Vec<FunctionDefinition>,
        pool: Option<&FunctionPool>,
    ) -> Result<Self, FunctionsError> {
        check_names(&definitions)?;
        if pool.is_none() && definitions.iter().any(FunctionDefinition::has_processes) {
            return Err(FunctionsError::NoLauncher);
        }
        let mut by_name = self.by_name.clone();
        for definition in definitions {
            let name = definition.name.clone();
            let (tails, clock) = (self.tails.clone(), Arc::clone(&self.clock));
            by_name.insert(name, Arc::new(RunningFunction::new(definition, pool, tails, clock)?));
        }
        Ok(self.with_functions(by_name))
    }

    /// Returns these functions without those of some names, which stay in the pool until [`FunctionPool::remove`] is
    /// called.
    #[must_use]
    pub fn without(&self, names: &[String]) -> Self {
        let mut by_name = self.by_name.clone();
        by_name.retain(|name, _| !names.contains(name));
        self.with_functions(by_name)
    }

    fn with_functions(&self, by_name: HashMap<String, Arc<RunningFunction>>) -> Self {
        let (at_endpoints, tails) = (Arc::clone(&self.at_endpoints), self.tails.clone());
        Self { by_name, at_endpoints, tails, clock: Arc::clone(&self.clock) }
    }

    fn find_at(&self, name: &str, endpoint: Option<&str>) -> Option<Arc<RunningFunction>> {
        self.by_name.get(name).cloned().or_else(|| self.at_endpoints.at(endpoint?).ok())
    }
}

impl FunctionCatalog for Functions {
    fn find(&self, name: &str) -> Option<FunctionDescription> {
        self.by_name.get(name).map(|function| function.description.clone())
    }
}

impl FunctionInvoker for Functions {
    fn names(&self) -> BTreeSet<String> {
        self.by_name.keys().cloned().collect()
    }

    fn invoke<'a>(
        &'a self,
        invocation: FunctionInvocation,
        api: Arc<dyn ExecutionApi>,
        deliver: Deliver<'a>,
    ) -> Invoking<'a, InvocationEnd> {
        Box::pin(async move {
            let (arn, endpoint) = (&invocation.arn, invocation.headers.endpoint.as_deref());
            match self.find_at(arn.function_name(), endpoint) {
                Some(function) => function.invoke(invocation, api, deliver).await,
                None => Some(Ended::silent(InvocationEnd::Failed(not_found(arn.function_arn())))),
            }
        })
    }

    fn call(&self, call: FunctionCall) -> Invoking<'_, Result<Bytes, ErrorObject>> {
        Box::pin(async move {
            match self.by_name.get(&call.function_name) {
                Some(function) => function.call(call).await,
                None => Some(Ended::silent(Err(not_found(&format!("{}.", call.function_name))))),
            }
        })
    }
}

fn check_names(definitions: &[FunctionDefinition]) -> Result<(), FunctionsError> {
    let mut names = BTreeSet::new();
    match definitions.iter().find(|definition| !names.insert(&definition.name)) {
        Some(duplicate) => Err(FunctionsError::DuplicateName(duplicate.name.clone())),
        None => Ok(()),
    }
}

fn not_found(function: &str) -> ErrorObject {
    ErrorObject::new("ResourceNotFoundException", format!("Function not found: {function}"))
}
