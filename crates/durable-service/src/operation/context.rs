//! CONTEXT: groups other operations.

use durable_types::api::ServiceError;
use durable_types::history::{
    ContextFailedDetails, ContextStartedDetails, ContextSucceededDetails, EventDetails,
};
use durable_types::{
    ErrorObject, Operation, OperationAction, OperationStatus, OperationType, OperationUpdate, is_legal,
};
use serde::{Deserialize, Serialize};

use super::rejection::{INVALID_ACTION, reject};
use crate::payload::Payload;

/// A change of a context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum ContextChange {
    /// The context started.
    Started {
        /// Whether its operations remain visible after it ends, if the update says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replay_children: Option<bool>,
    },
    /// The context succeeded.
    Succeeded {
        /// The result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Payload>,
        /// Whether its operations remain visible, if the update says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replay_children: Option<bool>,
    },
    /// The context failed.
    Failed {
        /// The error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorObject>,
        /// Whether its operations remain visible, if the update says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replay_children: Option<bool>,
    },
}

impl ContextChange {
    /// Converts an update of a context into a change, or rejects it.
    pub(super) fn decide(
        update: &mut OperationUpdate,
        recorded: Option<&Operation>,
    ) -> Result<Self, ServiceError> {
        let status = recorded.map(|operation| &operation.status);
        let is_legal = is_legal(&OperationType::Context, status, &update.action);
        let replay_children = update.context_options.as_ref().and_then(|options| options.replay_children);
        match update.action {
            OperationAction::Start if is_legal => Ok(Self::Started { replay_children }),
            OperationAction::Start => reject("Cannot start a CONTEXT that already exist."),
            OperationAction::Succeed if is_legal => {
                let result = update.result.take().map(Payload::from);
                Ok(Self::Succeeded { result, replay_children })
            }
            OperationAction::Fail if is_legal => {
                Ok(Self::Failed { error: update.error.take(), replay_children })
            }
            OperationAction::Succeed | OperationAction::Fail => {
                reject("Invalid current CONTEXT state to close.")
            }
            OperationAction::Retry | OperationAction::Cancel | OperationAction::Unknown(_) => {
                reject(INVALID_ACTION)
            }
        }
    }

    pub(super) fn apply(self, operation: &mut Operation) {
        let mut details = operation.take_context_details();
        let (status, replay_children) = match self {
            Self::Started { replay_children } => (OperationStatus::Started, replay_children),
            Self::Succeeded { result, replay_children } => {
                details.result = result.map(Payload::into_string);
                (OperationStatus::Succeeded, replay_children)
            }
            Self::Failed { error, replay_children } => {
                details.error = error.map(Box::new);
                (OperationStatus::Failed, replay_children)
            }
        };
        details.replay_children = replay_children.or(details.replay_children);
        operation.status = status;
        operation.details = Some(details.into());
    }

    pub(super) fn history(&self) -> EventDetails {
        match self {
            Self::Started { .. } => EventDetails::ContextStarted(ContextStartedDetails::default()),
            Self::Succeeded { result, .. } => {
                let result = result.clone().map(Payload::into_string);
                EventDetails::ContextSucceeded(ContextSucceededDetails::new(result))
            }
            Self::Failed { error, .. } => {
                EventDetails::ContextFailed(ContextFailedDetails::new(error.clone()))
            }
        }
    }

    /// Returns whether a context has ended and hides the operations inside it.
    pub(crate) fn hides_children(operation: &Operation) -> bool {
        let replays = operation.context_details().and_then(|details| details.replay_children);
        operation.status.is_terminal() && replays != Some(true)
    }
}
