//! An invocation of whose start and end plugins are notified.

use std::sync::Arc;

use durable_engine::{Notification, Operations};
use durable_types::{ErrorObject, InvocationOutput, SmallString, Timestamp};

use super::invocation_error::InvocationError;
use crate::error::with_causes;
use crate::plugin::{InvocationEnd, InvocationInfo, InvocationStatus, Lifecycle, Observers, Plugins};
use crate::shared::Shared;

/// An invocation of whose start plugins have been notified.
pub(super) struct ObservedInvocation {
    input: Option<String>,
    execution_start: Option<Timestamp>,
    is_first: bool,
}

impl ObservedInvocation {
    /// Creates the plugins, if there are any, and notifies them that the invocation starts. To be called when the journal
    /// has been read.
    pub(super) async fn start(
        plugins: &Plugins,
        shared: &Arc<Shared>,
        updated: Vec<SmallString>,
    ) -> Option<Self> {
        let plugins = &Lifecycle::observe(plugins);
        if plugins.is_empty() {
            return None;
        }
        let (operations, ended) = recorded(shared, updated);
        let (execution_start, input) = shared.drive(|engine| {
            let (start, input) = engine.execution();
            (start, input.map(str::to_owned))
        });
        let observed = Self { input, execution_start, is_first: operations.is_empty() };
        let invocation = observed.info(shared, &operations);
        let observers = Observers::create(plugins, &invocation);
        observers.invocation_started(&invocation).await;
        observers.open(operations, ended, shared.clock().now());
        shared.observe_by(observers);
        Some(observed)
    }

    /// Notifies plugins that the invocation ends with this output.
    pub(super) async fn end(self, shared: &Shared, output: &Result<InvocationOutput, InvocationError>) {
        let Some(observers) = shared.observers() else { return };
        let operations = observers.close();
        let retried =
            output.as_ref().err().map(|error| ErrorObject::new("InvocationError", with_causes(error)));
        let (status, result, error) = match output {
            Ok(InvocationOutput::Succeeded { result }) => {
                // A result that is too large for the output was sent in a checkpoint, and the output's is empty.
                let result = result.as_deref().filter(|result| !result.is_empty());
                (InvocationStatus::Succeeded, result, None)
            }
            Ok(InvocationOutput::Failed { error }) => (InvocationStatus::Failed, None, error.as_ref()),
            Ok(InvocationOutput::Pending) => (InvocationStatus::Pending, None, None),
            Err(_) => (InvocationStatus::Retrying, None, retried.as_ref()),
        };
        let invocation = self.info(shared, &operations);
        observers.invocation_ended(&InvocationEnd { invocation, status, result, error }).await;
    }

    fn info<'a>(&'a self, shared: &'a Shared, operations: &'a Operations) -> InvocationInfo<'a> {
        InvocationInfo {
            execution_arn: shared.execution_arn(),
            execution_start_timestamp: self.execution_start,
            input: self.input.as_deref(),
            lambda_context: shared.lambda_context(),
            is_first: self.is_first,
            operations,
            timestamp: shared.clock().now(),
        }
    }
}

/// Returns the recorded operations, and the ends of those that ended between the previous invocation and this one.
fn recorded(shared: &Shared, updated: Vec<SmallString>) -> (Operations, Vec<Notification>) {
    let loaded = shared.drive(|engine| {
        engine.observe(updated);
        engine.take_observations()
    });
    let (mut operations, now) = (Operations::default(), shared.clock().now());
    let ended = loaded.into_iter().flat_map(|observation| operations.handle(observation, now)).collect();
    (operations, ended)
}
