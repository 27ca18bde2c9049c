//! The record of one operation.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::details::{
    CallbackDetails, ChainedInvokeDetails, ContextDetails, ExecutionDetails, StepDetails, WaitDetails,
};
use super::operation_status::OperationStatus;
use super::operation_type::OperationType;
use crate::small_string::SmallString;
use crate::sub_type::SubType;
use crate::timestamp::Timestamp;

/// One operation as the service has recorded it ([`Operation`] in the Lambda API).
///
/// Only the details of its own type are set. They are boxed: an execution can have tens of thousands of
/// operations in memory at once.
///
/// Serialized on its own, timestamps are seconds since the epoch, as in the API's responses; inside an
/// [`InvocationInput`](crate::InvocationInput) they are milliseconds, as in the payload a function receives.
///
/// [`Operation`]: https://docs.aws.amazon.com/lambda/latest/api/API_Operation.html
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Operation {
    /// Its id, unique within the execution.
    pub id: SmallString,
    /// The context it belongs to; none at the top level.
    #[serde(default)]
    pub parent_id: Option<SmallString>,
    /// Its name, as its author wrote it.
    #[serde(default)]
    pub name: Option<SmallString>,
    /// Its kind.
    #[serde(rename = "Type")]
    pub operation_type: OperationType,
    /// Its subtype, which distinguishes operations of one type.
    #[serde(default)]
    pub sub_type: Option<SubType>,
    /// Where it stands.
    pub status: OperationStatus,
    /// When it began.
    #[serde(default, deserialize_with = "crate::timestamp::lenient")]
    pub start_timestamp: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "crate::timestamp::lenient")]
    pub end_timestamp: Option<Timestamp>,
    /// Details, if it is the execution itself.
    #[serde(default)]
    pub execution_details: Option<Box<ExecutionDetails>>,
    /// Details, if it is a context.
    #[serde(default)]
    pub context_details: Option<Box<ContextDetails>>,
    /// Details, if it is a step.
    #[serde(default)]
    pub step_details: Option<Box<StepDetails>>,
    /// Details, if it is a wait.
    #[serde(default)]
    pub wait_details: Option<Box<WaitDetails>>,
    /// Details, if it is a callback.
    #[serde(default)]
    pub callback_details: Option<Box<CallbackDetails>>,
    /// Details, if it is a call of another function.
    #[serde(default)]
    pub chained_invoke_details: Option<Box<ChainedInvokeDetails>>,
}

impl Operation {
    /// A record with these required members and no others.
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

/// An operation as the payload of an invocation carries it.
pub(crate) struct AsEpochMillis<'a>(pub(crate) &'a Operation);

impl Serialize for AsEpochMillis<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize_in(Form::EpochMillis, serializer)
    }
}

/// How timestamps are written: the API's responses and the payload of an invocation differ.
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
