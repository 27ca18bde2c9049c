//! Answers to callbacks: which callback an id belongs to, and what its answer does.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{ErrorObject, Operation, OperationStatus, Timestamp};
use subtle::ConstantTimeEq;

use crate::event::{Event, OperationChanged};
use crate::execution::Execution;
use crate::operation::{CallbackChange, OperationChange, refuse};
use crate::outcome::Outcome;
use crate::payload::Payload;
use crate::settings::Settings;
use crate::turn::Turn;

/// What another system says about a callback.
#[derive(Clone, PartialEq, Eq)]
pub enum CallbackAnswer {
    /// It has the result.
    Succeeded(Option<String>),
    /// It failed.
    Failed(Option<ErrorObject>),
    /// It is still at it.
    Heartbeat,
}

impl fmt::Debug for CallbackAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded(result) => {
                write!(f, "Succeeded(<{} bytes redacted>)", result.as_ref().map_or(0, String::len))
            }
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
            Self::Heartbeat => f.write_str("Heartbeat"),
        }
    }
}

/// The id of the execution that a callback belongs to; none if no execution has made this id.
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

/// The execution and the operation in the id of a callback.
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
        // What time ends first is over, even if nobody has said so yet.
        let is_due = self.records.due(&operation.id).is_some_and(|due| due <= now);
        let is_over = self.is_closed() || self.deadline() <= now;
        if is_over || is_due || operation.status != OperationStatus::Started {
            let message = "The callback has been answered or has timed out, or its execution has ended.";
            return Err(ServiceError::new(ServiceErrorKind::CallbackTimeout, message));
        }
        let change = OperationChange::Callback(change(answer, settings)?);
        let changed = OperationChanged::of(operation, change, now);
        let mut turn = Turn::new(self, settings, now);
        turn.emit(Event::OperationChanged(changed));
        turn.carry_on();
        Ok(turn.accepted())
    }

    /// Finds the callback with this id. Ids are compared in constant time, so that response times reveal nothing about
    /// them.
    fn callback(&self, callback_id: &str) -> Option<&Operation> {
        let (_, operation_id) = ids(callback_id)?;
        let operation = self.records.find(&operation_id)?;
        let known = operation.callback_details.as_ref()?.callback_id.as_deref();
        let is_known = known.is_some_and(|known| known.as_bytes().ct_eq(callback_id.as_bytes()).into());
        is_known.then_some(operation)
    }
}

fn change(answer: CallbackAnswer, settings: &Settings) -> Result<CallbackChange, ServiceError> {
    let max_bytes = settings.max_operation_payload_bytes;
    match answer {
        CallbackAnswer::Succeeded(Some(result)) if result.len() > max_bytes => {
            refuse(format!("CALLBACK payload size must be less than or equal to {max_bytes} bytes."))
        }
        CallbackAnswer::Succeeded(result) => {
            Ok(CallbackChange::Succeeded { result: result.map(Payload::from) })
        }
        CallbackAnswer::Failed(Some(error)) if error.len() > settings.max_error_bytes => {
            refuse(format!("Error object size must be less than {} bytes.", settings.max_error_bytes))
        }
        CallbackAnswer::Failed(error) => Ok(CallbackChange::Failed { error }),
        CallbackAnswer::Heartbeat => Ok(CallbackChange::HeartbeatReceived),
    }
}
