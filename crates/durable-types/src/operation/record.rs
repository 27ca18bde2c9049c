//! The recorded state of an operation.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::details::{
    CallbackDetails, ChainedInvokeDetails, ContextDetails, ExecutionDetails, StepDetails, WaitDetails,
};
use super::operation_details::OperationDetails;
use super::operation_status::OperationStatus;
use super::operation_type::OperationType;
use crate::small_string::SmallString;
use crate::timestamp::Timestamp;

/// The recorded state of an operation ([`Operation`] in the Lambda API).
///
/// Its details are those of its type. Deserialization ignores details of other types.
///
/// ```
/// use durable_types::Operation;
///
/// let operation: Operation = serde_json::from_str(
///     r#"{"Id": "charge-1", "Type": "STEP", "Status": "SUCCEEDED", "StepDetails": {"Attempt": 2, "Result": "4900"}}"#,
/// )?;
///
/// let details = operation.step_details().unwrap();
/// assert_eq!((details.attempt, details.result.as_deref()), (Some(2), Some("4900")));
/// assert!(operation.wait_details().is_none());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Serialized on its own, timestamps are seconds since the epoch, as in the API's responses; inside an
/// [`InvocationInput`](crate::InvocationInput) they are milliseconds, as in the payload a function receives.
///
/// [`Operation`]: https://docs.aws.amazon.com/lambda/latest/api/API_Operation.html
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Record")]
#[non_exhaustive]
pub struct Operation {
    /// The id, unique within the execution.
    pub id: SmallString,
    /// The id of its parent context; `None` at the top level.
    pub parent_id: Option<SmallString>,
    /// The name given by the code.
    pub name: Option<SmallString>,
    /// The type.
    pub operation_type: OperationType,
    /// The subtype, which distinguishes operations of one type.
    pub sub_type: Option<SmallString>,
    /// The status.
    pub status: OperationStatus,
    /// The start time.
    pub start_timestamp: Option<Timestamp>,
    /// The end time.
    pub end_timestamp: Option<Timestamp>,
    /// The details, whose kind follows from the type.
    pub details: Option<OperationDetails>,
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
            details: None,
        }
    }

    fn serialize_in<S: Serializer>(&self, form: Form, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("Operation", 9)?;
        record.serialize_field("Id", &self.id)?;
        optional(&mut record, "ParentId", self.parent_id.as_ref())?;
        optional(&mut record, "Name", self.name.as_ref())?;
        record.serialize_field("Type", &self.operation_type)?;
        optional(&mut record, "SubType", self.sub_type.as_ref())?;
        record.serialize_field("Status", &self.status)?;
        optional(&mut record, "StartTimestamp", form.of(self.start_timestamp).as_ref())?;
        optional(&mut record, "EndTimestamp", form.of(self.end_timestamp).as_ref())?;
        match &self.details {
            None => {}
            Some(OperationDetails::Execution(details)) => {
                record.serialize_field("ExecutionDetails", details)?
            }
            Some(OperationDetails::Context(details)) => record.serialize_field("ContextDetails", details)?,
            Some(OperationDetails::Step(details)) => {
                record.serialize_field("StepDetails", &Step { details, form })?;
            }
            Some(OperationDetails::Wait(details)) => {
                let scheduled_end_timestamp = form.of(details.scheduled_end_timestamp);
                record.serialize_field("WaitDetails", &Wait { scheduled_end_timestamp })?;
            }
            Some(OperationDetails::Callback(details)) => {
                record.serialize_field("CallbackDetails", details)?
            }
            Some(OperationDetails::ChainedInvoke(details)) => {
                record.serialize_field("ChainedInvokeDetails", details)?;
            }
        }
        record.end()
    }
}

/// The members of an operation on the wire.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    id: SmallString,
    #[serde(default)]
    parent_id: Option<SmallString>,
    #[serde(default)]
    name: Option<SmallString>,
    #[serde(rename = "Type")]
    operation_type: OperationType,
    #[serde(default)]
    sub_type: Option<SmallString>,
    status: OperationStatus,
    #[serde(default, deserialize_with = "crate::timestamp::lenient")]
    start_timestamp: Option<Timestamp>,
    #[serde(default, deserialize_with = "crate::timestamp::lenient")]
    end_timestamp: Option<Timestamp>,
    #[serde(default)]
    execution_details: Option<ExecutionDetails>,
    #[serde(default)]
    context_details: Option<ContextDetails>,
    #[serde(default)]
    step_details: Option<StepDetails>,
    #[serde(default)]
    wait_details: Option<WaitDetails>,
    #[serde(default)]
    callback_details: Option<CallbackDetails>,
    #[serde(default)]
    chained_invoke_details: Option<ChainedInvokeDetails>,
}

impl From<Record> for Operation {
    fn from(record: Record) -> Self {
        let details = match &record.operation_type {
            OperationType::Execution => record.execution_details.map(OperationDetails::Execution),
            OperationType::Context => record.context_details.map(OperationDetails::Context),
            OperationType::Step => record.step_details.map(OperationDetails::Step),
            OperationType::Wait => record.wait_details.map(OperationDetails::Wait),
            OperationType::Callback => record.callback_details.map(OperationDetails::Callback),
            OperationType::ChainedInvoke => {
                record.chained_invoke_details.map(OperationDetails::ChainedInvoke)
            }
            OperationType::Unknown(_) => None,
        };
        Self {
            id: record.id,
            parent_id: record.parent_id,
            name: record.name,
            operation_type: record.operation_type,
            sub_type: record.sub_type,
            status: record.status,
            start_timestamp: record.start_timestamp,
            end_timestamp: record.end_timestamp,
            details,
        }
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
