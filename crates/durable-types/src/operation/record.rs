//! The recorded state of an operation.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::details::{
    CallbackDetails, ChainedInvokeDetails, ContextDetails, ExecutionDetails, StepDetails, WaitDetails,
};
use super::operation_status::OperationStatus;
use super::operation_type::OperationType;
use crate::small_string::SmallString;
use crate::timestamp::Timestamp;

/// The recorded state of an operation ([`Operation`] in the Lambda API).
///
/// Only the details of its own type are set. They are boxed, because tens of thousands of operations may be in
/// memory at once.
///
/// Serialized on its own, timestamps are seconds since the epoch, as in the API's responses; inside an
/// [`InvocationInput`](crate::InvocationInput) they are milliseconds, as in the payload a function receives.
///
/// [`Operation`]: https://docs.aws.amazon.com/lambda/latest/api/API_Operation.html
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Operation {
    /// The id, unique within the execution.
    pub id: SmallString,
    /// The id of its parent context; `None` at the top level.
    #[serde(default)]
    pub parent_id: Option<SmallString>,
    /// The name given by the code.
    #[serde(default)]
    pub name: Option<SmallString>,
    /// The type.
    #[serde(rename = "Type")]
    pub operation_type: OperationType,
    /// The subtype, which distinguishes operations of one type.
    #[serde(default)]
    pub sub_type: Option<SmallString>,
    /// The status.
    pub status: OperationStatus,
    /// The start time.
    #[serde(default, deserialize_with = "crate::timestamp::lenient")]
    pub start_timestamp: Option<Timestamp>,
    /// The end time.
    #[serde(default, deserialize_with = "crate::timestamp::lenient")]
    pub end_timestamp: Option<Timestamp>,
    /// The details of an operation of type EXECUTION.
    #[serde(default)]
    pub execution_details: Option<Box<ExecutionDetails>>,
    /// The details of a context.
    #[serde(default)]
    pub context_details: Option<Box<ContextDetails>>,
    /// The details of a step.
    #[serde(default)]
    pub step_details: Option<Box<StepDetails>>,
    /// The details of a wait.
    #[serde(default)]
    pub wait_details: Option<Box<WaitDetails>>,
    /// The details of a callback.
    #[serde(default)]
    pub callback_details: Option<Box<CallbackDetails>>,
    /// The details of a chained invoke.
    #[serde(default)]
    pub chained_invoke_details: Option<Box<ChainedInvokeDetails>>,
}

impl Operation {
    /// Creates an operation with only the required members.
    pub fn new(id: impl Into<SmallString>, operation_type: OperationType, status: OperationStatus) -> Self {
        Self {
            id: id.into(),
            parent_id: None,
            name: None,
            operation_type,
            sub_type: None,
            status,
            start_timestamp: None,
            end_timestamp: None,
            execution_details: None,
            context_details: None,
            step_details: None,
            wait_details: None,
            callback_details: None,
            chained_invoke_details: None,
        }
    }

    fn serialize_in<S: Serializer>(&self, form: Form, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("Operation", 14)?;
        record.serialize_field("Id", &self.id)?;
        optional(&mut record, "ParentId", self.parent_id.as_ref())?;
        optional(&mut record, "Name", self.name.as_ref())?;
        record.serialize_field("Type", &self.operation_type)?;
        optional(&mut record, "SubType", self.sub_type.as_ref())?;
        record.serialize_field("Status", &self.status)?;
        optional(&mut record, "StartTimestamp", form.of(self.start_timestamp).as_ref())?;
        optional(&mut record, "EndTimestamp", form.of(self.end_timestamp).as_ref())?;
        optional(&mut record, "ExecutionDetails", self.execution_details.as_ref())?;
        optional(&mut record, "ContextDetails", self.context_details.as_ref())?;
        let step = self.step_details.as_deref().map(|details| Step { details, form });
        optional(&mut record, "StepDetails", step.as_ref())?;
        let wait = self
            .wait_details
            .as_deref()
            .map(|details| Wait { scheduled_end_timestamp: form.of(details.scheduled_end_timestamp) });
        optional(&mut record, "WaitDetails", wait.as_ref())?;
        optional(&mut record, "CallbackDetails", self.callback_details.as_ref())?;
        optional(&mut record, "ChainedInvokeDetails", self.chained_invoke_details.as_ref())?;
        record.end()
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize_in(Form::EpochSeconds, serializer)
    }
}

/// An operation in the payload of an invocation.
pub(crate) struct AsEpochMillis<'a>(pub(crate) &'a Operation);

impl Serialize for AsEpochMillis<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize_in(Form::EpochMillis, serializer)
    }
}

/// The format of timestamps, which differs between API responses and payloads of invocations.
#[derive(Clone, Copy)]
enum Form {
    EpochSeconds,
    EpochMillis,
}

impl Form {
    fn of(self, timestamp: Option<Timestamp>) -> Option<Formed> {
        timestamp.map(|timestamp| Formed { timestamp, form: self })
    }
}

struct Formed {
    timestamp: Timestamp,
    form: Form,
}

impl Serialize for Formed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.form {
            Form::EpochSeconds => self.timestamp.serialize(serializer),
            Form::EpochMillis => serializer.serialize_i64(self.timestamp.as_millis()),
        }
    }
}

struct Step<'a> {
    details: &'a StepDetails,
    form: Form,
}

impl Serialize for Step<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut step = serializer.serialize_struct("StepDetails", 4)?;
        optional(&mut step, "Attempt", self.details.attempt.as_ref())?;
        let next = self.form.of(self.details.next_attempt_timestamp);
        optional(&mut step, "NextAttemptTimestamp", next.as_ref())?;
        optional(&mut step, "Result", self.details.result.as_ref())?;
        optional(&mut step, "Error", self.details.error.as_ref())?;
        step.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wait {
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_end_timestamp: Option<Formed>,
}

fn optional<S: SerializeStruct, T: Serialize>(
    record: &mut S,
    key: &'static str,
    value: Option<&T>,
) -> Result<(), S::Error> {
    match value {
        Some(value) => record.serialize_field(key, value),
        None => record.skip_field(key),
    }
}
