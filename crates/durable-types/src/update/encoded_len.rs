//! The encoded size of an update, computed without encoding it.

use super::operation_update::OperationUpdate;
use super::options::{CallbackOptions, ChainedInvokeOptions, ContextOptions, StepOptions, WaitOptions};
use crate::error_object::ErrorObject;

/// The number of digits of the longest number in an option.
const NUMBER: usize = 20;
/// The length of the longer of `true` and `false`.
const BOOL: usize = 5;
/// The quotes around a string.
const QUOTES: usize = 2;
/// The braces around a structure, or the brackets around a list.
const BRACES: usize = 2;
/// The overhead of a member: the quotes around its key, the colon and the comma.
const MEMBER: usize = 4;

impl OperationUpdate {
    /// Returns an upper bound of the size of the update as JSON in bytes, with a comma after it.
    ///
    /// It is exact except for numbers, which count as the longest possible, and the comma after the last member. It
    /// does not allocate, so a batch can be sized before it is encoded.
    pub fn encoded_len_bound(&self) -> usize {
        let texts = member("Id", text(&self.operation_id))
            + optional("ParentId", self.parent_id.as_deref(), text)
            + optional("Name", self.name.as_deref(), text)
            + member("Type", text(self.operation_type.as_str()))
            + optional("SubType", self.sub_type.as_deref(), text)
            + member("Action", text(self.action.as_str()))
            + optional("Payload", self.result.as_deref(), text);
        let options = optional("Error", self.error.as_ref(), error)
            + optional("ContextOptions", self.context_options.as_ref(), context_options)
            + optional("StepOptions", self.step_options.as_ref(), step_options)
            + optional("WaitOptions", self.wait_options.as_ref(), wait_options)
            + optional("CallbackOptions", self.callback_options.as_ref(), callback_options)
            + optional("ChainedInvokeOptions", self.chained_invoke_options.as_ref(), chained_invoke_options);
        BRACES + texts + options
    }
}

fn context_options(options: &ContextOptions) -> usize {
    BRACES + optional("ReplayChildren", options.replay_children, |_| BOOL)
}

fn step_options(options: &StepOptions) -> usize {
    BRACES + optional("NextAttemptDelaySeconds", options.next_attempt_delay_seconds, |_| NUMBER)
}

fn wait_options(options: &WaitOptions) -> usize {
    BRACES + optional("WaitSeconds", options.wait_seconds, |_| NUMBER)
}

fn callback_options(options: &CallbackOptions) -> usize {
    BRACES
        + optional("TimeoutSeconds", options.timeout_seconds, |_| NUMBER)
        + optional("HeartbeatTimeoutSeconds", options.heartbeat_timeout_seconds, |_| NUMBER)
}

fn chained_invoke_options(options: &ChainedInvokeOptions) -> usize {
    BRACES
        + member("FunctionName", text(&options.function_name))
        + optional("TenantId", options.tenant_id.as_deref(), text)
        + optional("XAmznTraceId", options.x_amzn_trace_id.as_deref(), text)
}

fn error(error: &ErrorObject) -> usize {
    let frames = |stack: &Vec<String>| BRACES + stack.iter().map(|frame| text(frame) + 1).sum::<usize>();
    BRACES
        + optional("ErrorMessage", error.error_message.as_deref(), text)
        + optional("ErrorType", error.error_type.as_deref(), text)
        + optional("ErrorData", error.error_data.as_deref(), text)
        + optional("StackTrace", error.stack_trace.as_ref(), frames)
}

fn optional<T>(key: &str, value: Option<T>, len: impl FnOnce(T) -> usize) -> usize {
    value.map_or(0, |value| member(key, len(value)))
}

fn member(key: &str, value_len: usize) -> usize {
    key.len() + MEMBER + value_len
}

fn text(text: &str) -> usize {
    QUOTES + text.bytes().map(escaped).sum::<usize>()
}

/// Returns the size of a byte of a string in JSON.
fn escaped(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0C => 2,
        0x00..=0x1F => 6,
        _ => 1,
    }
}
