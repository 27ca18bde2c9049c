//! Attempts of whose start and end plugins are notified.

use std::sync::Arc;

use durable_types::ErrorObject;

use super::attempt::{Attempt, Outcome};
use super::hooks::AttemptOutcome;
use crate::scope::{Place, Scope};
use crate::shared::Shared;

/// An attempt of whose start plugins have been notified. Unless it ends, it is incomplete when it is dropped.
pub(crate) struct ObservedAttempt {
    shared: Arc<Shared>,
    attempt: Attempt,
    has_ended: bool,
}

impl ObservedAttempt {
    /// Notifies plugins, if there are any, that the body in this scope is about to run, which it does in their spans.
    pub(crate) fn start(scope: &mut Scope) -> Option<Box<Self>> {
        let observers = scope.shared.observers()?;
        let attempt = attempt_in(scope)?;
        if !observers.attempt_started(&attempt) {
            return None;
        }
        scope.spans = observers.spans(&attempt.location());
        Some(Box::new(Self { shared: Arc::clone(&scope.shared), attempt, has_ended: false }))
    }

    /// Notifies plugins that the body has ended.
    pub(crate) fn end(mut self, error: Option<&ErrorObject>) {
        let outcome = if error.is_none() { AttemptOutcome::Succeeded } else { AttemptOutcome::Failed };
        self.has_ended = true;
        self.notify((outcome, error));
    }

    fn notify(&self, outcome: Outcome<'_>) {
        if let Some(observers) = self.shared.observers() {
            observers.attempt_ended(&self.attempt, outcome, self.shared.clock().now());
        }
    }
}

impl Drop for ObservedAttempt {
    fn drop(&mut self) {
        if !self.has_ended {
            self.notify((AttemptOutcome::Incomplete, None));
        }
    }
}

/// Returns the attempt that code in this scope belongs to.
fn attempt_in(scope: &Scope) -> Option<Attempt> {
    let shared = &scope.shared;
    let (operation_id, number, is_replaying_children) = match &scope.place {
        Place::Step(step) => (step.id, Some(step.attempt), false),
        Place::Context(key) => {
            let (id, is_replaying) = shared.drive(|engine| engine.recorded_body(*key))?;
            (id, None, is_replaying)
        }
    };
    Some(Attempt {
        operation_id: operation_id.into(),
        number,
        is_replaying_children,
        started: shared.clock().now(),
    })
}
