//! Completes a callback: resolves the callback id and records the answer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{Operation, OperationStatus, Timestamp};
use subtle::ConstantTimeEq;

use crate::callback_answer::CallbackAnswer;
use crate::event::{Event, OperationChanged};
use crate::execution::Execution;
use crate::operation::OperationChange;
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::transition::Transition;

/// Returns the id of the execution that owns a callback, or `None` if the callback id is malformed.
///
/// ```
/// use durable_service::callback_execution_id;
///
/// assert_eq!(callback_execution_id("b3JkZXItNDI6YXBwcm92ZTpzZWNyZXQ="), Some("order-42".to_owned()));
/// assert_eq!(callback_execution_id("approve"), None);
/// ```
pub fn callback_execution_id(callback_id: &str) -> Option<String> {
    ids(callback_id).map(|(execution_id, _)| execution_id)
}

/// Decodes a callback id into the ids of the execution and the operation.
fn ids(callback_id: &str) -> Option<(String, String)> {
    let bytes = STANDARD.decode(callback_id).ok()?;
    let mut parts = bytes.splitn(3, |byte| *byte == b':');
    let mut text = || parts.next().and_then(|part| String::from_utf8(part.to_vec()).ok());
    let (execution_id, operation_id) = (text()?, text()?);
    parts.next().map(|_| (execution_id, operation_id))
}

impl Execution {
    pub(crate) fn handle_callback(
        &mut self,
        callback_id: &str,
        answer: CallbackAnswer,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Outcome, ServiceError> {
        let Some(operation) = self.callback(callback_id) else {
            let message = format!("Callback not found: {callback_id}");
            return Err(ServiceError::new(ServiceErrorKind::ResourceNotFound, message));
        };
        // A deadline that has passed counts even if its timer has not been handled yet.
        let is_due = self.records.due(&operation.id).is_some_and(|due| due <= now);
        let is_over = self.is_closed() || self.deadline() <= now;
        if is_over || is_due || operation.status != OperationStatus::Started {
            let message = "The callback has been answered or has timed out, or its execution has ended.";
            return Err(ServiceError::new(ServiceErrorKind::CallbackTimeout, message));
        }
        let earlier_heartbeat = match &answer {
            CallbackAnswer::Heartbeat => self.records.last_heartbeat(&operation.id),
            CallbackAnswer::Succeeded(_) | CallbackAnswer::Failed(_) => None,
        };
        let change = OperationChange::Callback(answer.into_change(settings)?);
        let event = Event::OperationChanged(OperationChanged::of(operation, change, now));
        let mut transition = Transition::new(self, settings, now);
        match earlier_heartbeat {
            Some(sequence) => transition.replace(sequence, event),
            None => transition.emit(event),
        }
        transition.advance();
        Ok(transition.accepted())
    }

    /// Finds the callback with this id. Ids are compared in constant time, so response times reveal nothing about them.
    fn callback(&self, callback_id: &str) -> Option<&Operation> {
        let (_, operation_id) = ids(callback_id)?;
        let operation = self.records.find(&operation_id)?;
        let known = operation.callback_details()?.callback_id.as_deref();
        let is_known = known.is_some_and(|known| known.as_bytes().ct_eq(callback_id.as_bytes()).into());
        is_known.then_some(operation)
    }
}
