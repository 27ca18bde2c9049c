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
/// An execution that was started with an endpoint runs the function there, unless there is a function with its name.
pub struct Functions {
    by_name: HashMap<String, Arc<RunningFunction>>,
    at_endpoints: EndpointFunctions,
}

impl Functions {
    /// Makes these functions ready to run. Their processes run in the pool.
    ///
    /// The tails must be those to which the pool writes.
    pub fn new(
        definitions: Vec<FunctionDefinition>,
        pool: Option<&FunctionPool>,
        tails: &OutputTails,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, FunctionsError> {
        let mut by_name = HashMap::new();
        for definition in definitions {
            let name = definition.name.clone();
            let function = RunningFunction::new(definition, pool, tails.clone(), Arc::clone(clock))?;
            if by_name.insert(name.clone(), Arc::new(function)).is_some() {
                return Err(FunctionsError::DuplicateName(name));
            }
        }
        let at_endpoints = EndpointFunctions::new(tails.clone(), Arc::clone(clock));
        Ok(Self { by_name, at_endpoints })
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

fn not_found(function: &str) -> ErrorObject {
    ErrorObject::new("ResourceNotFoundException", format!("Function not found: {function}"))
}
