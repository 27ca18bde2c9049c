//! CHAINED_INVOKE: calls another function and waits for its end.

use durable_types::api::ServiceError;
use durable_types::history::{
    ChainedInvokeFailedDetails, ChainedInvokeStartedDetails, ChainedInvokeStoppedDetails,
    ChainedInvokeSucceededDetails, ChainedInvokeTimedOutDetails, EventDetails,
};
use durable_types::{
    ChainedInvokeOptions, DurableExecutionArn, ErrorObject, Operation, OperationAction, OperationStatus,
    OperationType, OperationUpdate, is_legal, validate,
};
use serde::{Deserialize, Serialize};

use super::rejection::{INVALID_ACTION, reject};
use super::scope::Scope;
use crate::function_call::FunctionCall;
use crate::function_description::{FunctionDescription, FunctionKind};
use crate::function_name::FunctionName;
use crate::headers::InvocationHeaders;
use crate::payload::Payload;

/// A change of a chained invoke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum ChainedInvokeChange {
    /// The call started.
    Started(ChainedInvokeStarted),
    /// The function returned a result.
    Succeeded {
        /// The result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Payload>,
    },
    /// The function failed, or could not be called.
    Failed {
        /// The error.
        error: ErrorObject,
    },
    /// The execution of the function timed out.
    TimedOut {
        /// The error.
        error: ErrorObject,
    },
    /// The execution of the function was stopped.
    Stopped {
        /// The reason.
        error: ErrorObject,
    },
    /// The caller cancelled the call. The function keeps running.
    Cancelled {
        /// The reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorObject>,
    },
}

/// The start of a chained invoke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChainedInvokeStarted {
    /// The function name or ARN, as passed by the caller.
    pub function_name: String,
    /// The tenant id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The trace header to pass on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_header: Option<String>,
    /// The input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// The version to run, or `None` if the function cannot be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executed_version: Option<String>,
    /// The execution that the call starts, if the function is durable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durable_execution_arn: Option<DurableExecutionArn>,
}

impl ChainedInvokeStarted {
    /// Returns the call to make, or `None` if the function cannot be called.
    pub(super) fn call(&self, operation_id: &str) -> Option<FunctionCall> {
        Some(FunctionCall {
            operation_id: operation_id.to_owned(),
            function_name: FunctionName::split(&self.function_name).name.to_owned(),
            version: self.executed_version.clone()?,
            durable_execution_arn: self.durable_execution_arn.clone(),
            headers: InvocationHeaders {
                tenant_id: self.tenant_id.clone(),
                trace_header: self.trace_header.clone(),
                ..InvocationHeaders::default()
            },
            input: self.input.clone(),
        })
    }
}

impl ChainedInvokeChange {
    /// Converts an update of a chained invoke into a change, or rejects it. A call that cannot be made fails at once,
    /// which is the second change.
    pub(super) fn decide(
        update: &mut OperationUpdate,
        recorded: Option<&Operation>,
        scope: &Scope<'_>,
    ) -> Result<(Self, Option<Self>), ServiceError> {
        let status = recorded.map(|operation| &operation.status);
        let is_legal = is_legal(&OperationType::ChainedInvoke, status, &update.action);
        match update.action {
            OperationAction::Start if is_legal => start(update, scope),
            OperationAction::Start => reject("Cannot start a CHAINED_INVOKE operation that already exists."),
            OperationAction::Cancel if is_legal => Ok((Self::Cancelled { error: update.error.take() }, None)),
            OperationAction::Cancel => {
                reject("Cannot cancel a CHAINED_INVOKE that does not exist or has already completed.")
            }
            OperationAction::Succeed
            | OperationAction::Fail
            | OperationAction::Retry
            | OperationAction::Unknown(_) => reject(INVALID_ACTION),
        }
    }

    pub(super) fn apply(self, operation: &mut Operation) {
        let mut details = operation.take_chained_invoke_details();
        operation.status = match self {
            Self::Started(_) => OperationStatus::Started,
            Self::Succeeded { result } => {
                details.result = result.map(Payload::into_string);
                OperationStatus::Succeeded
            }
            Self::Failed { error } => {
                details.error = Some(Box::new(error));
                OperationStatus::Failed
            }
            Self::TimedOut { error } => {
                details.error = Some(Box::new(error));
                OperationStatus::TimedOut
            }
            Self::Stopped { error } => {
                details.error = Some(Box::new(error));
                OperationStatus::Stopped
            }
            Self::Cancelled { error } => {
                details.error = error.map(Box::new);
                OperationStatus::Cancelled
            }
        };
        operation.details = Some(details.into());
    }

    /// Returns the history event. AWS's history has no event for a cancelled call; the closest one is
    /// ChainedInvokeStopped.
    pub(super) fn history(&self) -> EventDetails {
        match self {
            Self::Started(started) => {
                let mut details = ChainedInvokeStartedDetails::new(started.function_name.clone());
                details.tenant_id.clone_from(&started.tenant_id);
                details.input = Some(started.input.clone().map(Payload::into_string).into());
                details.executed_version.clone_from(&started.executed_version);
                details.durable_execution_arn =
                    started.durable_execution_arn.as_ref().map(ToString::to_string);
                EventDetails::ChainedInvokeStarted(details)
            }
            Self::Succeeded { result } => {
                let result = result.clone().map(Payload::into_string);
                EventDetails::ChainedInvokeSucceeded(ChainedInvokeSucceededDetails::new(result))
            }
            Self::Failed { error } => {
                EventDetails::ChainedInvokeFailed(ChainedInvokeFailedDetails::new(error.clone()))
            }
            Self::TimedOut { error } => {
                EventDetails::ChainedInvokeTimedOut(ChainedInvokeTimedOutDetails::new(error.clone()))
            }
            Self::Stopped { error } => {
                EventDetails::ChainedInvokeStopped(ChainedInvokeStoppedDetails::new(error.clone()))
            }
            Self::Cancelled { error } => {
                EventDetails::ChainedInvokeStopped(ChainedInvokeStoppedDetails::new(error.clone()))
            }
        }
    }
}

fn start(
    update: &mut OperationUpdate,
    scope: &Scope<'_>,
) -> Result<(ChainedInvokeChange, Option<ChainedInvokeChange>), ServiceError> {
    let Some(options) = &update.chained_invoke_options else {
        return reject("Update for CHAINED_INVOKE operation requires ChainedInvokeOptions.");
    };
    let function = check_options(options, scope)?;
    let started = ChainedInvokeStarted {
        function_name: options.function_name.clone(),
        tenant_id: options.tenant_id.clone(),
        trace_header: options.x_amzn_trace_id.clone(),
        input: None,
        executed_version: None,
        durable_execution_arn: None,
    };
    let (version, arn) = match called(&function, &update.operation_id, options, scope) {
        Ok(called) => called,
        // An input that is never sent is not stored.
        Err(error) => {
            let failed = ChainedInvokeChange::Failed { error };
            return Ok((ChainedInvokeChange::Started(started), Some(failed)));
        }
    };
    let started = ChainedInvokeStarted {
        input: update.result.take().map(Payload::from),
        executed_version: Some(version),
        durable_execution_arn: arn,
        ..started
    };
    Ok((ChainedInvokeChange::Started(started), None))
}

/// Validates the options of a call. A caller can reach the functions of its own account and region.
fn check_options<'a>(
    options: &'a ChainedInvokeOptions,
    scope: &Scope<'_>,
) -> Result<FunctionName<'a>, ServiceError> {
    if validate::function_name(&options.function_name).is_err() {
        return reject(format!("Invalid function ARN '{}'", options.function_name));
    }
    let function = FunctionName::split(&options.function_name);
    if function.account_id.is_some_and(|account| account != scope.arn.account_id()) {
        return reject("Cannot start a CHAINED_INVOKE on a function in another account.");
    }
    if function.region.is_some_and(|region| region != scope.arn.region()) {
        return reject("Cannot start a CHAINED_INVOKE on a function in another region.");
    }
    if options.tenant_id.as_deref().is_some_and(|tenant| validate::tenant_id(tenant).is_err()) {
        return reject("TenantId must be 1 to 256 characters matching [a-zA-Z0-9._:/=+-@ ].");
    }
    Ok(function)
}

/// Returns the version to run and, for a durable function, the execution to start, or the reason why the function
/// cannot be called.
fn called(
    function: &FunctionName<'_>,
    operation_id: &str,
    options: &ChainedInvokeOptions,
    scope: &Scope<'_>,
) -> Result<(String, Option<DurableExecutionArn>), ErrorObject> {
    let not_found = || {
        let message = format!("Function not found: {}.", options.function_name);
        ErrorObject::new("ResourceNotFoundException", message)
    };
    let Some(FunctionDescription { kind, versions, .. }) = scope.environment.functions.find(function.name)
    else {
        return Err(not_found());
    };
    if kind == FunctionKind::Durable && function.qualifier.is_none() {
        let message = "You cannot invoke a durable function using an unqualified ARN.";
        return Err(ErrorObject::new("InvalidParameterValueException", message));
    }
    let version = match function.qualifier {
        Some(qualifier) => versions.resolve(qualifier).ok_or_else(not_found)?,
        None => function.version(),
    };
    let arn = match kind {
        FunctionKind::Plain => None,
        FunctionKind::Durable => {
            let (partition, region, account) =
                (scope.arn.partition(), scope.arn.region(), scope.arn.account_id());
            let (name, id) = (function.name, scope.child_id(operation_id));
            let function_arn = format!("arn:{partition}:lambda:{region}:{account}:function:{name}:{version}");
            Some(DurableExecutionArn::new(&function_arn, &id, &id).map_err(|_| not_found())?)
        }
    };
    Ok((version.to_owned(), arn))
}
