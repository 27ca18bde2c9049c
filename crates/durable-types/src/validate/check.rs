//! Collects the violations of a value, member by member.

use super::text::TextRule;
use crate::arn::DurableExecutionArn;
use crate::error_object::ErrorObject;
use crate::limits::MAX_OPERATION_PAYLOAD_BYTES;
use crate::violation::{Violation, Violations};

/// The violations found so far.
#[derive(Debug, Default)]
pub(crate) struct Check {
    found: Vec<Violation>,
}

impl Check {
    /// Returns the violations, in the order of the checks.
    pub(crate) fn finish(self) -> Result<(), Violations> {
        if self.found.is_empty() { Ok(()) } else { Err(Violations(self.found)) }
    }

    /// Adds a violation of a member.
    pub(crate) fn refuse(&mut self, member: &'static str, problem: impl Into<String>) {
        self.found.push(Violation::new(member, problem));
    }

    /// Adds the result of checking a single value.
    pub(crate) fn add(&mut self, checked: Result<(), Violation>) {
        self.found.extend(checked.err());
    }

    /// Adds the violations inside a member, prefixed with its name.
    pub(crate) fn inside(&mut self, member: &str, checked: Result<(), Violations>) {
        let violations = checked.err().map(|violations| violations.0).unwrap_or_default();
        self.found.extend(violations.into_iter().map(|violation| violation.inside(member)));
    }

    /// Checks a string.
    pub(crate) fn text(&mut self, member: &'static str, rule: &TextRule, text: &str) {
        self.add(rule.check(member, text));
    }

    /// Checks an optional string.
    pub(crate) fn optional_text(&mut self, member: &'static str, rule: &TextRule, text: Option<&str>) {
        if let Some(text) = text {
            self.text(member, rule, text);
        }
    }

    /// Checks the size of a payload.
    pub(crate) fn payload(&mut self, member: &'static str, payload: Option<&[u8]>, max_bytes: usize) {
        let bytes = payload.map_or(0, <[u8]>::len);
        if bytes > max_bytes {
            self.refuse(member, format!("must have at most {max_bytes} bytes, but has {bytes}"));
        }
    }

    /// Checks the total size of the members of an error.
    pub(crate) fn error(&mut self, error: Option<&ErrorObject>) {
        let bytes = error.map_or(0, ErrorObject::len);
        if bytes > MAX_OPERATION_PAYLOAD_BYTES {
            let problem = format!(
                "must have at most {MAX_OPERATION_PAYLOAD_BYTES} bytes in all its members together, but has {bytes}"
            );
            self.refuse("Error", problem);
        }
    }

    /// Checks that a string is the ARN of an execution.
    pub(crate) fn execution_arn(&mut self, arn: &str) {
        if let Err(invalid) = arn.parse::<DurableExecutionArn>() {
            self.refuse("DurableExecutionArn", format!("is {invalid}"));
        }
    }
}
