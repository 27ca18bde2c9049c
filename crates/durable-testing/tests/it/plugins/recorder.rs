//! A plugin that writes down each call of a hook.

use std::sync::{Arc, Mutex};

use durable_core::error::BoxError;
use durable_core::plugin::{
    AttemptEnd, AttemptStart, InvocationEnd, InvocationInfo, OperationEnd, OperationInfo, OperationStart,
    OperationsChange, Plugin,
};

/// What hooks were called, one line each.
#[derive(Clone, Default)]
pub(super) struct Calls(Arc<Mutex<Vec<String>>>);

impl Calls {
    pub(super) fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    /// Takes the lines written since the last call.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// Takes the lines that do not start with one of these words.
    pub(super) fn take_without(&self, words: &[&str]) -> Vec<String> {
        self.take().into_iter().filter(|line| !words.iter().any(|word| line.starts_with(word))).collect()
    }

    /// Creates the plugin of an invocation.
    pub(super) fn recorder(&self) -> Recorder {
        Recorder(self.clone())
    }
}

pub(super) struct Recorder(Calls);

impl Plugin for Recorder {
    async fn invocation_started(&self, invocation: &InvocationInfo<'_>) -> Result<(), BoxError> {
        let updated: Vec<&str> = invocation.operations.updated().map(name).collect();
        let first = if invocation.is_first { " first" } else { "" };
        self.0.write(format!(
            "invocation{first} operations={} updated={updated:?}",
            invocation.operations.len()
        ));
        Ok(())
    }

    async fn invocation_ended(&self, end: &InvocationEnd<'_>) -> Result<(), BoxError> {
        let error = end.error.map(|error| format!(" {error}")).unwrap_or_default();
        self.0.write(format!("{}{error}", end.status.as_str()));
        Ok(())
    }

    fn operation_started(&self, start: &OperationStart<'_>) -> Result<(), BoxError> {
        let replay = if start.is_replay { " replay" } else { "" };
        self.0.write(format!("start {}{replay}", name(start.operation)));
        Ok(())
    }

    fn operations_changed(&self, change: &OperationsChange<'_>) -> Result<(), BoxError> {
        let known = |info: &&&OperationInfo| change.operations.get(&info.id) == Some(**info);
        assert_eq!(change.updated.iter().filter(known).count(), change.updated.len());
        let updated: Vec<String> =
            change.updated.iter().map(|info| format!("{} {}", name(info), info.status)).collect();
        self.0.write(format!("changed {}", updated.join(", ")));
        Ok(())
    }

    fn operation_ended(&self, end: &OperationEnd<'_>) -> Result<(), BoxError> {
        let (replay, info) = (if end.is_replay { " replay" } else { "" }, end.operation);
        let outcome = end.result.map(str::to_owned).or_else(|| info.error.as_ref().map(ToString::to_string));
        let outcome = outcome.map(|outcome| format!(" {outcome}")).unwrap_or_default();
        self.0.write(format!("end {} {}{outcome}{replay}", name(info), info.status));
        Ok(())
    }

    fn attempt_started(&self, start: &AttemptStart<'_>) -> Result<(), BoxError> {
        let number = start.attempt.map(|number| format!(" {number}")).unwrap_or_default();
        let replaying = if start.is_replaying_children { " replaying" } else { "" };
        self.0.write(format!("attempt {}{number}{replaying}", name(start.operation)));
        Ok(())
    }

    fn attempt_ended(&self, end: &AttemptEnd<'_>) -> Result<(), BoxError> {
        let error = end.error.map(|error| format!(" {error}")).unwrap_or_default();
        self.0.write(format!("attempted {} {}{error}", name(end.start.operation), end.outcome.as_str()));
        Ok(())
    }
}

/// The name of an operation, or its subtype if it has none.
fn name(info: &OperationInfo) -> &str {
    info.name.as_deref().or(info.sub_type.as_deref()).unwrap_or_default()
}
