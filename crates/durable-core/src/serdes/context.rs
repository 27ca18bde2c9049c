//! The context of a value, as passed to a serdes.

use std::fmt;

use durable_engine::{NewOperation, OperationId};

use super::host::SerdesHost;
use super::payload_kind::PayloadKind;

/// Identifies the value that is (de)serialized, uniquely within the account; suitable as additional data for
/// encryption.
#[derive(Clone, Copy)]
pub struct SerdesContext<'a> {
    host: &'a dyn SerdesHost,
    place: Place,
    name: Option<&'a str>,
    kind: PayloadKind,
    origin: TextOrigin,
    is_recorded: bool,
}

/// The author of a text that is deserialized.
///
/// Do not trust an external text like one of your own: whoever can answer a callback chooses its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextOrigin {
    /// The serdes itself, in this or an earlier invocation.
    Record,
    /// Another system: the answer to a callback, or the result of an invoked function.
    External,
}

impl TextOrigin {
    /// Returns the author of the operation's result.
    pub(crate) fn of(operation: &NewOperation) -> Self {
        match operation {
            NewOperation::Callback { .. } | NewOperation::Invoke { .. } => Self::External,
            NewOperation::Step { .. }
            | NewOperation::Wait { .. }
            | NewOperation::WaitForCondition
            | NewOperation::Context { .. }
            | NewOperation::Decision { .. } => Self::Record,
        }
    }
}

/// The owner of a value.
#[derive(Clone, Copy, Debug)]
enum Place {
    Execution,
    Operation(OperationId),
    /// Kept in parts, because its id is a hash that most serdes do not need.
    Item {
        batch: OperationId,
        sub_type: &'static str,
        index: u32,
    },
}

impl<'a> SerdesContext<'a> {
    pub(crate) fn new(host: &'a dyn SerdesHost, operation_id: OperationId, origin: TextOrigin) -> Self {
        let (name, kind) = (None, PayloadKind::Result);
        Self { host, place: Place::Operation(operation_id), name, kind, origin, is_recorded: true }
    }

    /// Returns the context of the handler's result.
    pub(crate) fn output(host: &'a dyn SerdesHost) -> Self {
        let (place, name, kind) = (Place::Execution, None, PayloadKind::Output);
        Self { host, place, name, kind, origin: TextOrigin::Record, is_recorded: true }
    }

    /// Returns the same context for an operation with this name.
    pub(crate) fn named(self, name: Option<&'a str>) -> Self {
        Self { name, ..self }
    }

    /// Returns the same context for another payload of the operation.
    pub(crate) fn of_kind(self, kind: PayloadKind) -> Self {
        Self { kind, ..self }
    }

    /// Returns the same context for a value that is deserialized at once and not recorded.
    pub(crate) fn unrecorded(self) -> Self {
        Self { is_recorded: false, ..self }
    }

    /// Returns the same context for an item of this batch.
    pub(crate) fn item(self, sub_type: &'static str, index: u32, name: Option<&'a str>) -> Self {
        let place = match self.place {
            Place::Operation(batch) => Place::Item { batch, sub_type, index },
            Place::Execution | Place::Item { .. } => self.place,
        };
        Self { place, name, ..self }
    }

    /// Returns the ARN of the execution.
    pub fn execution_arn(&self) -> &'a str {
        self.host.execution_arn()
    }

    /// Returns the id of the operation.
    ///
    /// For the result of a map's item or a parallel's branch, this is the id of the item or branch. For the result of
    /// the handler, it is `execution`.
    pub fn operation_id(&self) -> String {
        self.id().map_or_else(|| "execution".to_owned(), |id| id.to_string())
    }

    /// Returns the id of the operation, or `None` for the result of the handler.
    pub(crate) fn id(&self) -> Option<OperationId> {
        match self.place {
            Place::Execution => None,
            Place::Operation(id) => Some(id),
            Place::Item { batch, sub_type, index } => Some(batch.item(sub_type, index)),
        }
    }

    /// Returns the name of the operation, if it has one; the result of the handler has none.
    pub fn operation_name(&self) -> Option<&'a str> {
        self.name
    }

    /// Returns which payload of the operation the value is.
    pub fn payload_kind(&self) -> PayloadKind {
        self.kind
    }

    /// Returns the author of the text that is deserialized.
    pub fn origin(&self) -> TextOrigin {
        self.origin
    }

    /// Returns whether the serialized text becomes part of a record.
    ///
    /// A text that does not, such as the result of a
    /// [virtual context](crate::operation::ChildContext::virtual_context), is deserialized at once and discarded.
    pub fn is_recorded(&self) -> bool {
        self.is_recorded
    }

    /// Returns the invocation to which the value belongs.
    pub(crate) fn host(&self) -> &'a dyn SerdesHost {
        self.host
    }
}

impl fmt::Debug for SerdesContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SerdesContext")
            .field("execution_arn", &self.execution_arn())
            .field("operation_id", &self.operation_id())
            .field("operation_name", &self.name)
            .field("payload_kind", &self.kind)
            .field("origin", &self.origin)
            .field("is_recorded", &self.is_recorded)
            .finish()
    }
}
