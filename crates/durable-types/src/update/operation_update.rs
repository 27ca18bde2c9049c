//! An update of an operation.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::action::OperationAction;
use super::options::{CallbackOptions, ChainedInvokeOptions, ContextOptions, StepOptions, WaitOptions};
use crate::error_object::ErrorObject;
use crate::operation::OperationType;
use crate::redacted::redacted;
use crate::small_string::SmallString;
use crate::sub_type;

/// An update of an operation, part of a checkpoint ([`OperationUpdate`] in the Lambda API).
///
/// The constructors create updates that the service accepts; [`validate`](Self::validate) returns the violations
/// of any other. `Debug` output redacts payloads.
///
/// ```
/// use durable_types::OperationUpdate;
///
/// let wait = OperationUpdate::start_wait("settle-1", 60).with_name("settle").with_parent_id("ship-1");
///
/// assert_eq!(wait.name.as_deref(), Some("settle"));
/// ```
///
/// [`OperationUpdate`]: https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OperationUpdate {
    /// The id of the operation, 1 to 64 of `[a-zA-Z0-9-_]`.
    #[serde(rename = "Id")]
    pub operation_id: SmallString,
    /// The id of its parent context; `None` at the top level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<SmallString>,
    /// The name of the operation, 1 to 256 printable ASCII characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<SmallString>,
    /// The type of the operation.
    #[serde(rename = "Type")]
    pub operation_type: OperationType,
    /// The subtype, which distinguishes operations of one type: 1 to 32 of `[a-zA-Z0-9-_]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_type: Option<SmallString>,
    /// The action.
    pub action: OperationAction,
    /// The result of an operation that succeeds, the state of one that is retried, or the input of a chained invoke.
    #[serde(default, rename = "Payload", skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The error of an operation or an attempt that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorObject>,
    /// The options of a context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_options: Option<ContextOptions>,
    /// The options of a step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_options: Option<StepOptions>,
    /// The options of a wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_options: Option<WaitOptions>,
    /// The options of a callback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_options: Option<CallbackOptions>,
    /// The options of a chained invoke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chained_invoke_options: Option<ChainedInvokeOptions>,
}

impl OperationUpdate {
    /// Creates an update with only the required members.
    pub fn new(
        operation_id: impl Into<SmallString>,
        operation_type: OperationType,
        action: OperationAction,
    ) -> Self {
        Self {
            operation_id: operation_id.into(),
            parent_id: None,
            name: None,
            operation_type,
            sub_type: None,
            action,
            result: None,
            error: None,
            context_options: None,
            step_options: None,
            wait_options: None,
            callback_options: None,
            chained_invoke_options: None,
        }
    }

    /// Starts an operation. Waits and chained invokes also need options: see
    /// [`start_wait`](Self::start_wait) and [`start_invoke`](Self::start_invoke).
    pub fn start(operation_id: impl Into<SmallString>, operation_type: OperationType) -> Self {
        Self::new(operation_id, operation_type, OperationAction::Start)
    }

    /// Starts a step, or its next attempt.
    pub fn start_step(operation_id: impl Into<SmallString>) -> Self {
        Self::start(operation_id, OperationType::Step).with_sub_type(sub_type::STEP)
    }

    /// Starts a wait with a duration in seconds, 1 to 31,622,400.
    pub fn start_wait(operation_id: impl Into<SmallString>, wait_seconds: u64) -> Self {
        Self::start(operation_id, OperationType::Wait)
            .with_sub_type(sub_type::WAIT)
            .with_wait_options(wait_seconds)
    }

    /// Starts a context with a subtype.
    pub fn start_context(operation_id: impl Into<SmallString>, sub_type: impl Into<SmallString>) -> Self {
        Self::start(operation_id, OperationType::Context).with_sub_type(sub_type)
    }

    /// Creates a callback with its timeout and heartbeat timeout in seconds.
    pub fn start_callback(
        operation_id: impl Into<SmallString>,
        timeout_seconds: Option<u64>,
        heartbeat_timeout_seconds: Option<u64>,
    ) -> Self {
        Self::start(operation_id, OperationType::Callback)
            .with_sub_type(sub_type::CALLBACK)
            .with_callback_options(timeout_seconds, heartbeat_timeout_seconds)
    }

    /// Starts a chained invoke of a function with an input.
    pub fn start_invoke(
        operation_id: impl Into<SmallString>,
        function_name: impl Into<String>,
        input: Option<String>,
    ) -> Self {
        let mut update = Self::start(operation_id, OperationType::ChainedInvoke)
            .with_sub_type(sub_type::CHAINED_INVOKE)
            .with_chained_invoke_options(function_name, None);
        update.result = input;
        update
    }

    /// Ends an operation with a result.
    pub fn succeed(
        operation_id: impl Into<SmallString>,
        operation_type: OperationType,
        result: Option<String>,
    ) -> Self {
        let mut update = Self::new(operation_id, operation_type, OperationAction::Succeed);
        update.result = result;
        update
    }

    /// Ends an operation with an error.
    pub fn fail(
        operation_id: impl Into<SmallString>,
        operation_type: OperationType,
        error: ErrorObject,
    ) -> Self {
        let mut update = Self::new(operation_id, operation_type, OperationAction::Fail);
        update.error = Some(error);
        update
    }

    /// Cancels an operation.
    pub fn cancel(operation_id: impl Into<SmallString>, operation_type: OperationType) -> Self {
        Self::new(operation_id, operation_type, OperationAction::Cancel)
    }

    /// Retries an operation after a delay in seconds, with state for the next attempt.
    pub fn retry(
        operation_id: impl Into<SmallString>,
        operation_type: OperationType,
        payload: Option<String>,
        next_attempt_delay_seconds: Option<u64>,
    ) -> Self {
        let mut update = Self::new(operation_id, operation_type, OperationAction::Retry)
            .with_step_options(next_attempt_delay_seconds);
        update.result = payload;
        update
    }

    /// Retries an operation after a delay in seconds, because of an error.
    pub fn retry_with_error(
        operation_id: impl Into<SmallString>,
        operation_type: OperationType,
        error: ErrorObject,
        next_attempt_delay_seconds: Option<u64>,
    ) -> Self {
        let mut update = Self::retry(operation_id, operation_type, None, next_attempt_delay_seconds);
        update.error = Some(error);
        update
    }

    /// Sets the id of the parent context.
    #[must_use]
    pub fn with_parent_id(mut self, parent_id: impl Into<SmallString>) -> Self {
        self.parent_id = Some(parent_id.into());
        self
    }

    /// Sets the name of the operation.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<SmallString>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the subtype.
    #[must_use]
    pub fn with_sub_type(mut self, sub_type: impl Into<SmallString>) -> Self {
        self.sub_type = Some(sub_type.into());
        self
    }

    /// Sets the duration of a wait in seconds.
    #[must_use]
    pub fn with_wait_options(mut self, wait_seconds: u64) -> Self {
        self.wait_options = Some(WaitOptions { wait_seconds: Some(wait_seconds) });
        self
    }

    /// Sets the delay before the next attempt in seconds.
    #[must_use]
    pub fn with_step_options(mut self, next_attempt_delay_seconds: Option<u64>) -> Self {
        self.step_options = Some(StepOptions { next_attempt_delay_seconds });
        self
    }

    /// Sets the timeouts of a callback, in seconds.
    #[must_use]
    pub fn with_callback_options(
        mut self,
        timeout_seconds: Option<u64>,
        heartbeat_timeout_seconds: Option<u64>,
    ) -> Self {
        self.callback_options = Some(CallbackOptions { timeout_seconds, heartbeat_timeout_seconds });
        self
    }

    /// Sets the function to invoke, and the tenant.
    #[must_use]
    pub fn with_chained_invoke_options(
        mut self,
        function_name: impl Into<String>,
        tenant_id: Option<String>,
    ) -> Self {
        let function_name = function_name.into();
        self.chained_invoke_options =
            Some(ChainedInvokeOptions { function_name, tenant_id, x_amzn_trace_id: None });
        self
    }

    /// Sets the trace header that an invoked function receives. This has no effect on other updates.
    #[must_use]
    pub fn with_trace_header(mut self, x_amzn_trace_id: impl Into<String>) -> Self {
        if let Some(options) = &mut self.chained_invoke_options {
            options.x_amzn_trace_id = Some(x_amzn_trace_id.into());
        }
        self
    }

    /// Sets whether the service keeps the operations inside a context after it has ended.
    #[must_use]
    pub fn with_context_options(mut self, replay_children: Option<bool>) -> Self {
        self.context_options = Some(ContextOptions { replay_children });
        self
    }
}

impl fmt::Debug for OperationUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperationUpdate")
            .field("operation_id", &self.operation_id)
            .field("parent_id", &self.parent_id)
            .field("name", &self.name)
            .field("operation_type", &self.operation_type)
            .field("sub_type", &self.sub_type)
            .field("action", &self.action)
            .field("result", &redacted(&self.result))
            .field("error", &self.error)
            .field("context_options", &self.context_options)
            .field("step_options", &self.step_options)
            .field("wait_options", &self.wait_options)
            .field("callback_options", &self.callback_options)
            .field("chained_invoke_options", &self.chained_invoke_options)
            .finish()
    }
}
