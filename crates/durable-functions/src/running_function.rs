//! A function that can be invoked.

use std::sync::Arc;

use bytes::Bytes;
use durable_host::ExecutionApi;
use durable_host::clock::Clock;
use durable_host::function::{Ended, FunctionCall};
use durable_service::{FunctionDescription, FunctionInvocation, FunctionKind, InvocationEnd};
use durable_types::ErrorObject;
use uuid::Uuid;

use crate::definition::{FunctionCode, FunctionDefinition};
use crate::error::FunctionsError;
use crate::in_process::{InProcessFunction, run_guarded};
use crate::invocation::{Invocation, InvocationFailure};
use crate::output_tails::OutputTails;
use crate::pool::FunctionPool;
use crate::remote::{RemoteFunction, RemoteSettings};

/// A function that can be invoked.
pub(crate) struct RunningFunction {
    pub(crate) description: FunctionDescription,
    backend: Backend,
    tails: OutputTails,
}

/// The backend that runs a function.
enum Backend {
    Process { pool: FunctionPool, name: String },
    Remote(Box<RemoteFunction>),
    InProcess(Arc<dyn InProcessFunction>),
}

impl RunningFunction {
    /// Creates a function. Its child processes run in the pool.
    pub(crate) fn new(
        definition: FunctionDefinition,
        pool: Option<&FunctionPool>,
        tails: OutputTails,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, FunctionsError> {
        let FunctionDefinition { name, code, kind, durable_config, versions } = definition;
        let mut description = FunctionDescription::new(kind);
        description.versions = versions;
        description.durable_config = durable_config;
        if let FunctionCode::Process(settings) = &code {
            description.isolates_tenants = settings.isolates_tenants;
        }
        let backend = match code {
            FunctionCode::Process(settings) => {
                let pool = pool.cloned().ok_or(FunctionsError::NoLauncher)?;
                pool.add(settings);
                Backend::Process { pool, name }
            }
            FunctionCode::Remote(settings) => Backend::Remote(Box::new(RemoteFunction::new(settings, clock))),
            FunctionCode::InProcess(function) => Backend::InProcess(function),
        };
        Ok(Self { description, backend, tails })
    }

    /// Creates a durable function with default settings that is invoked over HTTP.
    pub(crate) fn remote(settings: RemoteSettings, tails: OutputTails, clock: Arc<dyn Clock>) -> Self {
        Self {
            description: FunctionDescription::new(FunctionKind::Durable),
            backend: Backend::Remote(Box::new(RemoteFunction::new(settings, clock))),
            tails,
        }
    }

    /// Runs one invocation of a durable execution to completion.
    ///
    /// Once the function has capacity, `deliver` decides whether it receives the invocation. `None` means that it did
    /// not, or that the functions are being stopped and the outcome is unknown.
    pub(crate) async fn invoke(
        &self,
        invocation: FunctionInvocation,
        api: Arc<dyn ExecutionApi>,
        deliver: impl FnOnce() -> bool,
    ) -> Option<Ended<InvocationEnd>> {
        let FunctionInvocation { arn, headers, invocation } = invocation;
        let output = Arc::new(self.tails.keep(&invocation.request_id));
        let payload = match serde_json::to_vec(&invocation.input) {
            Ok(payload) => Bytes::from(payload),
            Err(error) => {
                let message = format!("the input of the invocation cannot be serialized as JSON: {error}");
                let error = ErrorObject::new("Runtime.InvalidInput", message);
                return Some(Ended { end: InvocationEnd::Failed(error), output });
            }
        };
        let call = Invocation {
            request_id: invocation.request_id,
            function_arn: arn.function_arn().to_owned(),
            trace_id: headers.trace_header,
            tenant_id: headers.tenant_id,
            client_context: headers.client_context,
            execution_arn: Some(arn.to_string()),
            event: payload,
        };
        let end = match self.answer(call, Some(api), deliver).await? {
            Ok(answer) => InvocationEnd::Answered(answer.into()),
            Err(error) => InvocationEnd::Failed(error),
        };
        Some(Ended { end, output })
    }

    /// Invokes a plain function once. `None` means that the functions are being stopped.
    pub(crate) async fn call(&self, call: FunctionCall) -> Option<Ended<Result<Bytes, ErrorObject>>> {
        let FunctionCall { function_arn, headers, input, .. } = call;
        let request_id = Uuid::new_v4().to_string();
        let output = Arc::new(self.tails.keep(&request_id));
        let call = Invocation {
            request_id,
            function_arn,
            trace_id: headers.trace_header,
            tenant_id: headers.tenant_id,
            client_context: headers.client_context,
            execution_arn: None,
            event: input,
        };
        let end = self.answer(call, None, || true).await?;
        Some(Ended { end, output })
    }

    async fn answer(
        &self,
        call: Invocation,
        api: Option<Arc<dyn ExecutionApi>>,
        deliver: impl FnOnce() -> bool,
    ) -> Option<Result<Bytes, ErrorObject>> {
        match &self.backend {
            Backend::Process { pool, name } => match pool.invoke_if(name, call, deliver).await {
                Ok(answer) => Some(Ok(answer)),
                Err(InvocationFailure::Stopping) => None,
                Err(failure) => Some(Err(failure.into_error())),
            },
            Backend::Remote(function) => match function.invoke_if(call, deliver).await {
                Ok(answer) => Some(Ok(answer)),
                Err(InvocationFailure::Stopping) => None,
                Err(failure) => Some(Err(failure.into_error())),
            },
            Backend::InProcess(_) if !deliver() => None,
            Backend::InProcess(function) => Some(run_guarded(function.as_ref(), call, api).await),
        }
    }
}
