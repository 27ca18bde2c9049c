//! Validation of updates, independent of the recorded state.

use super::action::OperationAction;
use super::operation_update::OperationUpdate;
use super::transition::actions_of;
use crate::limits::{MAX_EXECUTION_PAYLOAD_BYTES, MAX_OPERATION_PAYLOAD_BYTES};
use crate::operation::OperationType;
use crate::validate::{self, Check, TextRule};
use crate::violation::Violations;

impl OperationUpdate {
    /// Validates the update on its own and returns all violations: patterns, lengths and ranges, actions and options that
    /// its type does not have, missing options, and data that its action does not allow.
    ///
    /// [`is_legal`](crate::is_legal) returns whether the action is legal in the current state of the operation.
    ///
    /// ```
    /// use durable_types::OperationUpdate;
    ///
    /// let violations = OperationUpdate::start_wait("settle 1", 0).validate().unwrap_err();
    ///
    /// assert_eq!(violations.iter().count(), 2);
    /// ```
    pub fn validate(&self) -> Result<(), Violations> {
        let mut check = Check::default();
        check.text("Id", &TextRule::OPERATION_ID, &self.operation_id);
        check.optional_text("ParentId", &TextRule::OPERATION_ID, self.parent_id.as_deref());
        check.optional_text("Name", &TextRule::OPERATION_NAME, self.name.as_deref());
        check.optional_text("SubType", &TextRule::SUB_TYPE, self.sub_type.as_deref());
        self.check_action(&mut check);
        self.check_data(&mut check);
        self.check_foreign_options(&mut check);
        self.check_step_options(&mut check);
        self.check_wait_options(&mut check);
        self.check_callback_options(&mut check);
        self.check_chained_invoke_options(&mut check);
        check.finish()
    }

    fn check_action(&self, check: &mut Check) {
        if let OperationType::Unknown(word) = &self.operation_type {
            check.refuse("Type", unknown_word(word, OperationType::KNOWN));
        }
        if let OperationAction::Unknown(word) = &self.action {
            check.refuse("Action", unknown_word(word, OperationAction::KNOWN));
            return;
        }
        let actions = actions_of(&self.operation_type);
        if !actions.is_empty() && !actions.contains(&self.action) {
            let problem = format!(
                "must be {} for an operation of type {}, but is {}",
                one_of(actions),
                self.operation_type,
                self.action
            );
            check.refuse("Action", problem);
        }
    }

    fn check_data(&self, check: &mut Check) {
        let max_bytes = match self.operation_type {
            OperationType::Execution => MAX_EXECUTION_PAYLOAD_BYTES,
            OperationType::Context
            | OperationType::Step
            | OperationType::Wait
            | OperationType::Callback
            | OperationType::ChainedInvoke
            | OperationType::Unknown(_) => MAX_OPERATION_PAYLOAD_BYTES,
        };
        check.payload("Payload", self.result.as_deref().map(str::as_bytes), max_bytes);
        check.error(self.error.as_ref());
        if self.action == OperationAction::Fail && self.result.is_some() {
            check.refuse("Payload", "must not be set when an operation fails; use Error");
        }
        if self.action == OperationAction::Succeed && self.error.is_some() {
            check.refuse("Error", "must not be set when an operation succeeds; use Payload");
        }
        if self.action == OperationAction::Retry && self.result.is_some() && self.error.is_some() {
            check.refuse("Error", "must not be set together with Payload when a step is tried again");
        }
    }

    /// Checks that options belong to the type of the operation.
    fn check_foreign_options(&self, check: &mut Check) {
        let options = [
            ("ContextOptions", self.context_options.is_some(), OperationType::Context),
            ("StepOptions", self.step_options.is_some(), OperationType::Step),
            ("WaitOptions", self.wait_options.is_some(), OperationType::Wait),
            ("CallbackOptions", self.callback_options.is_some(), OperationType::Callback),
            ("ChainedInvokeOptions", self.chained_invoke_options.is_some(), OperationType::ChainedInvoke),
        ];
        for (member, is_set, owner) in options {
            if is_set && owner != self.operation_type {
                let problem = format!("must not be set for an operation of type {}", self.operation_type);
                check.refuse(member, problem);
            }
        }
    }

    fn check_step_options(&self, check: &mut Check) {
        if let Some(seconds) =
            self.step_options.as_ref().and_then(|options| options.next_attempt_delay_seconds)
        {
            check.add(validate::next_attempt_delay_seconds(seconds));
        }
        let is_step = self.operation_type == OperationType::Step;
        let is_retry = self.action == OperationAction::Retry;
        if is_step && is_retry && self.step_options.is_none() {
            check.refuse("StepOptions", "must be set when a step is tried again");
        }
        if is_step && !is_retry && self.step_options.is_some() {
            check.refuse("StepOptions", "must be set only when a step is tried again");
        }
    }

    fn check_wait_options(&self, check: &mut Check) {
        match self.wait_options.as_ref().and_then(|options| options.wait_seconds) {
            Some(seconds) => check.add(validate::wait_seconds(seconds)),
            None if self.starts(&OperationType::Wait) => {
                check.refuse("WaitOptions.WaitSeconds", "must be set when a wait begins");
            }
            None => {}
        }
    }

    fn check_callback_options(&self, check: &mut Check) {
        let Some(options) = &self.callback_options else { return };
        if let Some(seconds) = options.timeout_seconds {
            check.add(validate::callback_timeout_seconds(seconds));
        }
        if let Some(seconds) = options.heartbeat_timeout_seconds {
            check.add(validate::callback_heartbeat_timeout_seconds(seconds));
        }
    }

    fn check_chained_invoke_options(&self, check: &mut Check) {
        let Some(options) = &self.chained_invoke_options else {
            if self.starts(&OperationType::ChainedInvoke) {
                check.refuse("ChainedInvokeOptions", "must be set when a call of a function begins");
            }
            return;
        };
        let function = &options.function_name;
        check.text("ChainedInvokeOptions.FunctionName", &TextRule::FUNCTION_NAME, function);
        let tenant = options.tenant_id.as_deref();
        check.optional_text("ChainedInvokeOptions.TenantId", &TextRule::TENANT_ID, tenant);
        let trace = options.x_amzn_trace_id.as_deref();
        check.optional_text("ChainedInvokeOptions.XAmznTraceId", &TextRule::TRACE_HEADER, trace);
    }

    fn starts(&self, operation_type: &OperationType) -> bool {
        self.action == OperationAction::Start && self.operation_type == *operation_type
    }
}

fn unknown_word<T: std::fmt::Display>(word: &str, known: &[T]) -> String {
    format!("must be {}, but is {word:?}", one_of(known))
}

/// Formats a list as `A, B or C`.
fn one_of<T: std::fmt::Display>(words: &[T]) -> String {
    let mut spelled = String::new();
    for (index, word) in words.iter().enumerate() {
        let separator = match index {
            0 => "",
            index if index + 1 == words.len() => " or ",
            _ => ", ",
        };
        spelled.push_str(separator);
        spelled.push_str(&word.to_string());
    }
    spelled
}
