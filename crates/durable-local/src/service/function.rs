//! A function as the service invokes it: a process of its own, or code in this process.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use durable_service::{FunctionDescription, FunctionKind, Invocation, InvocationEnd, InvocationHeaders};
use durable_types::api::ServiceError;
use durable_types::{DurableExecutionArn, ErrorObject};
use uuid::Uuid;

use super::error::StartError;
use super::output_tails::{OutputTail, OutputTails};
use super::panic::caught;
use super::settings::{FunctionCode, FunctionDefinition};
use crate::function::{
    FunctionPool, Invocation as ProcessInvocation, InvocationFailure, RemoteFunction, RemoteSettings,
};

/// A function that runs in the process of the service, for tests.
///
/// Every `async` closure from the payload of an invocation to its answer is one. A function that is not durable gets
/// the input itself.
pub trait InProcessFunction: Send + Sync + 'static {
    /// Runs one invocation: takes its payload and gives its answer, or the error that it ended with.
    fn invoke(&self, payload: Bytes) -> Pin<Box<dyn Future<Output = Result<Bytes, ErrorObject>> + Send>>;
}

impl<F, R> InProcessFunction for F
where
    F: Fn(Bytes) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Bytes, ErrorObject>> + Send + 'static,
{
    fn invoke(&self, payload: Bytes) -> Pin<Box<dyn Future<Output = Result<Bytes, ErrorObject>> + Send>> {
        Box::pin(self(payload))
    }
}

/// A function that can be invoked.
pub(crate) struct RunningFunction {
    pub(crate) description: FunctionDescription,
    code: Code,
    tails: OutputTails,
}

/// What a function runs.
enum Code {
    Process { pool: FunctionPool, name: String },
    Remote(Box<RemoteFunction>),
    InProcess(Arc<dyn InProcessFunction>),
}

impl RunningFunction {
    /// Makes a function ready to run. One that is a process runs among those of the pool.
    pub(super) fn new(
        definition: FunctionDefinition,
        pool: Option<&FunctionPool>,
        tails: OutputTails,
    ) -> Result<Self, StartError> {
        let FunctionDefinition { name, code, kind, durable_config, versions } = definition;
        let mut description = FunctionDescription::new(kind);
        description.versions = versions;
        description.durable_config = durable_config;
        if let FunctionCode::Process(settings) = &code {
            description.isolates_tenants = settings.isolates_tenants;
        }
        let code = match code {
            FunctionCode::Process(settings) => {
                let pool = pool.cloned().ok_or(StartError::NoLauncher)?;
                pool.add(settings);
                Code::Process { pool, name }
            }
            FunctionCode::Remote(settings) => Code::Remote(Box::new(RemoteFunction::new(settings))),
            FunctionCode::InProcess(function) => Code::InProcess(function),
        };
        Ok(Self { description, code, tails })
    }

    /// A durable function that somebody else runs, without settings of its own.
    pub(super) fn remote(settings: RemoteSettings, tails: OutputTails) -> Self {
        Self {
            description: FunctionDescription::new(FunctionKind::Durable),
            code: Code::Remote(Box::new(RemoteFunction::new(settings))),
            tails,
        }
    }

    /// Refuses a call without a tenant of a function whose tenants are kept apart.
    pub(crate) fn check_tenant(&self, headers: &InvocationHeaders) -> Result<(), ServiceError> {
        self.description.check_tenant(headers)
    }

    /// Runs one invocation of a durable execution to its end, and returns the last of what it printed.
    ///
    /// Once the function has capacity, `deliver` decides whether it receives the invocation. `None` means that it did
    /// not, or that the service is stopping, so the outcome is unknown.
    pub(crate) async fn invoke(
        &self,
        invocation: Invocation,
        arn: &DurableExecutionArn,
        headers: InvocationHeaders,
        deliver: impl FnOnce() -> bool,
    ) -> Option<(InvocationEnd, OutputTail)> {
        let output = self.tails.keep(&invocation.request_id);
        let payload = match serde_json::to_vec(&invocation.input) {
            Ok(payload) => Bytes::from(payload),
            Err(error) => {
                let message = format!("the input of the invocation cannot be written as JSON: {error}");
                let error = ErrorObject::new("Runtime.InvalidInput", message);
                return Some((InvocationEnd::Failed(error), output));
            }
        };
        let call = ProcessInvocation {
            request_id: invocation.request_id,
            function_arn: arn.function_arn().to_owned(),
            trace_id: headers.trace_header,
            tenant_id: headers.tenant_id,
            client_context: headers.client_context,
            execution_arn: Some(arn.to_string()),
            event: payload,
        };
        let end = match self.answer(call, deliver).await? {
            Ok(answer) => InvocationEnd::Answered(answer.into()),
            Err(error) => InvocationEnd::Failed(error),
        };
        Some((end, output))
    }

    /// Runs a function that is not durable, once. None: the service stops.
    pub(crate) async fn run(
        &self,
        input: Bytes,
        function_arn: String,
        headers: InvocationHeaders,
    ) -> Option<Result<Bytes, ErrorObject>> {
        Some(self.run_with_output(input, function_arn, headers).await?.0)
    }

    /// The same, with the last of what it printed.
    pub(crate) async fn run_with_output(
        &self,
        input: Bytes,
        function_arn: String,
        headers: InvocationHeaders,
    ) -> Option<(Result<Bytes, ErrorObject>, OutputTail)> {
        let request_id = Uuid::new_v4().to_string();
        let output = self.tails.keep(&request_id);
        let call = ProcessInvocation {
            request_id,
            function_arn,
            trace_id: headers.trace_header,
            tenant_id: headers.tenant_id,
            client_context: headers.client_context,
            execution_arn: None,
            event: input,
        };
        Some((self.answer(call, || true).await?, output))
    }

    async fn answer(
        &self,
        call: ProcessInvocation,
        deliver: impl FnOnce() -> bool,
    ) -> Option<Result<Bytes, ErrorObject>> {
        match &self.code {
            Code::Process { pool, name } => match pool.invoke_if(name, call, deliver).await {
                Ok(answer) => Some(Ok(answer)),
                Err(InvocationFailure::Stopping) => None,
                Err(failure) => Some(Err(failure.into_error())),
            },
            Code::Remote(function) => match function.invoke_if(call, deliver).await {
                Ok(answer) => Some(Ok(answer)),
                Err(InvocationFailure::Stopping) => None,
                Err(failure) => Some(Err(failure.into_error())),
            },
            Code::InProcess(_) if !deliver() => None,
            Code::InProcess(function) => Some(run_guarded(function.as_ref(), call.event).await),
        }
    }
}

/// Runs code of somebody else, whose panic is the error that the invocation ends with.
async fn run_guarded(function: &dyn InProcessFunction, event: Bytes) -> Result<Bytes, ErrorObject> {
    let answer = caught(async { function.invoke(event).await }).await;
    answer.unwrap_or_else(|panic| Err(panicked(panic.as_ref())))
}

fn panicked(panic: &(dyn Any + Send)) -> ErrorObject {
    let told = panic.downcast_ref::<String>().map(String::as_str);
    let told = told.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    ErrorObject::new("Runtime.ExitError", format!("the function panicked: {told}"))
}
