//! One event of a history.

use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde::{Deserialize, Serialize};

use super::details::*;
use crate::open_enum::open_enum;
use crate::small_string::SmallString;
use crate::timestamp::Timestamp;

/// Declares the types of events with their details, and their wire format.
macro_rules! events {
    ($( $(#[$meta:meta])* $variant:ident($details:ident) = $word:literal / $key:ident, )+) => {
        open_enum! {
            /// The type of an event ([`EventType`] in the Lambda API).
            ///
            /// [`EventType`]: https://docs.aws.amazon.com/lambda/latest/api/API_Event.html
            pub enum EventType {
                $( $(#[$meta])* $variant = $word, )+
            }
        }

        /// The details of an event, by type.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum EventDetails {
            $( $(#[$meta])* $variant($details), )+
            /// An event whose type is unknown to this version of the crate, or that lacks required details.
            ///
            /// Contains the type. A single unknown event does not make the whole history unreadable.
            Unknown(Box<str>),
        }

        impl EventDetails {
            /// Returns the type of the event.
            pub fn event_type(&self) -> EventType {
                match self {
                    $( Self::$variant(_) => EventType::$variant, )+
                    Self::Unknown(word) => EventType::from(&**word),
                }
            }
        }

        /// The wire format of an event: one optional member per type of details, at most one of which is set.
        #[derive(Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct WireEvent {
            event_type: EventType,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            sub_type: Option<SmallString>,
            event_id: u64,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            id: Option<SmallString>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            name: Option<SmallString>,
            event_timestamp: Timestamp,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            parent_id: Option<SmallString>,
            $(
                #[serde(default, skip_serializing_if = "Option::is_none")]
                $key: Option<$details>,
            )+
        }

        impl From<Event> for WireEvent {
            fn from(event: Event) -> Self {
                let event_type = event.details.event_type();
                $( let mut $key = None; )+
                match event.details {
                    $( EventDetails::$variant(details) => $key = Some(details), )+
                    EventDetails::Unknown(_) => {}
                }
                Self {
                    event_type,
                    sub_type: event.sub_type,
                    event_id: event.event_id,
                    id: event.id,
                    name: event.name,
                    event_timestamp: event.event_timestamp,
                    parent_id: event.parent_id,
                    $( $key, )+
                }
            }
        }

        impl From<WireEvent> for Event {
            fn from(wire: WireEvent) -> Self {
                let details = match wire.event_type {
                    $(
                        EventType::$variant => match wire.$key.or_else(without_members) {
                            Some(details) => EventDetails::$variant(details),
                            None => EventDetails::Unknown($word.into()),
                        },
                    )+
                    EventType::Unknown(word) => EventDetails::Unknown(word),
                };
                Self {
                    event_id: wire.event_id,
                    event_timestamp: wire.event_timestamp,
                    id: wire.id,
                    name: wire.name,
                    sub_type: wire.sub_type,
                    parent_id: wire.parent_id,
                    details,
                }
            }
        }
    };
}

/// Returns empty details of a type whose members are all optional.
fn without_members<T: DeserializeOwned>() -> Option<T> {
    let members = std::iter::empty::<(&str, &str)>();
    T::deserialize(MapDeserializer::<_, serde::de::value::Error>::new(members)).ok()
}

/// One event of the history of an execution ([`Event`] in the Lambda API).
///
/// [`Event`]: https://docs.aws.amazon.com/lambda/latest/api/API_Event.html
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "WireEvent", from = "WireEvent")]
#[non_exhaustive]
pub struct Event {
    /// The number of the event in the history, counting from 1.
    pub event_id: u64,
    /// The time of the event.
    pub event_timestamp: Timestamp,
    /// The id of the operation; `None` for events of the execution and its invocations.
    pub id: Option<SmallString>,
    /// The name of the operation.
    pub name: Option<SmallString>,
    /// The subtype of the operation.
    pub sub_type: Option<SmallString>,
    /// The id of the operation's parent context.
    pub parent_id: Option<SmallString>,
    /// The type and details of the event.
    pub details: EventDetails,
}

impl Event {
    /// Creates an event that belongs to no operation.
    pub fn new(event_id: u64, event_timestamp: Timestamp, details: EventDetails) -> Self {
        Self { event_id, event_timestamp, id: None, name: None, sub_type: None, parent_id: None, details }
    }
}

events! {
    /// The execution started.
    ExecutionStarted(ExecutionStartedDetails) = "ExecutionStarted" / execution_started_details,
    /// The execution succeeded.
    ExecutionSucceeded(ExecutionSucceededDetails) = "ExecutionSucceeded" / execution_succeeded_details,
    /// The execution failed.
    ExecutionFailed(ExecutionFailedDetails) = "ExecutionFailed" / execution_failed_details,
    /// The execution timed out.
    ExecutionTimedOut(ExecutionTimedOutDetails) = "ExecutionTimedOut" / execution_timed_out_details,
    /// The execution was stopped.
    ExecutionStopped(ExecutionStoppedDetails) = "ExecutionStopped" / execution_stopped_details,
    /// A context started.
    ContextStarted(ContextStartedDetails) = "ContextStarted" / context_started_details,
    /// A context succeeded.
    ContextSucceeded(ContextSucceededDetails) = "ContextSucceeded" / context_succeeded_details,
    /// A context failed.
    ContextFailed(ContextFailedDetails) = "ContextFailed" / context_failed_details,
    /// A wait started.
    WaitStarted(WaitStartedDetails) = "WaitStarted" / wait_started_details,
    /// A wait ended.
    WaitSucceeded(WaitSucceededDetails) = "WaitSucceeded" / wait_succeeded_details,
    /// A wait was cancelled.
    WaitCancelled(WaitCancelledDetails) = "WaitCancelled" / wait_cancelled_details,
    /// An attempt of a step started.
    StepStarted(StepStartedDetails) = "StepStarted" / step_started_details,
    /// A step succeeded, or a condition will be polled again.
    StepSucceeded(StepSucceededDetails) = "StepSucceeded" / step_succeeded_details,
    /// An attempt of a step failed.
    StepFailed(StepFailedDetails) = "StepFailed" / step_failed_details,
    /// A chained invoke started.
    ChainedInvokeStarted(ChainedInvokeStartedDetails) = "ChainedInvokeStarted" / chained_invoke_started_details,
    /// A chained invoke succeeded.
    ChainedInvokeSucceeded(ChainedInvokeSucceededDetails) = "ChainedInvokeSucceeded" / chained_invoke_succeeded_details,
    /// A chained invoke failed.
    ChainedInvokeFailed(ChainedInvokeFailedDetails) = "ChainedInvokeFailed" / chained_invoke_failed_details,
    /// A chained invoke timed out.
    ChainedInvokeTimedOut(ChainedInvokeTimedOutDetails) = "ChainedInvokeTimedOut" / chained_invoke_timed_out_details,
    /// The execution of an invoked function was stopped.
    ChainedInvokeStopped(ChainedInvokeStoppedDetails) = "ChainedInvokeStopped" / chained_invoke_stopped_details,
    /// A callback was created.
    CallbackStarted(CallbackStartedDetails) = "CallbackStarted" / callback_started_details,
    /// A callback was completed with a result.
    CallbackSucceeded(CallbackSucceededDetails) = "CallbackSucceeded" / callback_succeeded_details,
    /// A callback was completed with an error.
    CallbackFailed(CallbackFailedDetails) = "CallbackFailed" / callback_failed_details,
    /// A callback timed out.
    CallbackTimedOut(CallbackTimedOutDetails) = "CallbackTimedOut" / callback_timed_out_details,
    /// An invocation of the function ended.
    InvocationCompleted(InvocationCompletedDetails) = "InvocationCompleted" / invocation_completed_details,
    /// The execution was paused.
    ExecutionPaused(ExecutionPausedDetails) = "ExecutionPaused" / execution_paused_details,
    /// The execution was resumed.
    ExecutionResumed(ExecutionResumedDetails) = "ExecutionResumed" / execution_resumed_details,
}
