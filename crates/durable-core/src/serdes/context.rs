//! What a serdes may know of where a value belongs.

use std::fmt;

use durable_engine::{NewOperation, OperationId};

use super::PayloadKind;
use crate::shared::Shared;

/// Where a value belongs: unique within the account, and good as additional data for encryption.
#[derive(Clone, Copy)]
pub struct SerdesContext<'a> {
    shared: &'a Shared,
    place: Place,
    name: Option<&'a str>,
    kind: PayloadKind,
    origin: TextOrigin,
    is_recorded: bool,
}

/// Who wrote a text that is read.
///
/// A text of a foreign hand must not be trusted like one's own: whoever can answer a callback chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextOrigin {
    /// The serdes itself, in an earlier invocation or in this one.
    Record,
    /// Another system: the answer to a callback, or the result of a called function.
    External,
}

impl TextOrigin {
    /// Who writes the result of such an operation.
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

/// Whose value it is.
#[derive(Clone, Copy, Debug)]
enum Place {
    Execution,
    Operation(OperationId),
    /// Its id is a hash that most serdes do not ask for.
    Item {
        batch: OperationId,
        sub_type: &'static str,
        index: u32,
    },
}

impl<'a> SerdesContext<'a> {
    pub(crate) fn new(shared: &'a Shared, operation_id: OperationId, origin: TextOrigin) -> Self {
        let (name, kind) = (None, PayloadKind::Result);
        Self { shared, place: Place::Operation(operation_id), name, kind, origin, is_recorded: true }
    }

    /// The context of what the handler returns.
    pub(crate) fn output(shared: &'a Shared) -> Self {
        let (place, name, kind) = (Place::Execution, None, PayloadKind::Output);
        Self { shared, place, name, kind, origin: TextOrigin::Record, is_recorded: true }
    }

    /// The same for an operation with this name.
    pub(crate) fn named(self, name: Option<&'a str>) -> Self {
        Self { name, ..self }
    }

    /// The same for another payload of the operation.
    pub(crate) fn of_kind(self, kind: PayloadKind) -> Self {
        Self { kind, ..self }
    }

    /// The same for a value that is written only to be read again.
    pub(crate) fn unrecorded(self) -> Self {
        Self { is_recorded: false, ..self }
    }

    /// The same for an item of this batch.
    pub(crate) fn item(self, sub_type: &'static str, index: u32, name: Option<&'a str>) -> Self {
        let place = match self.place {
            Place::Operation(batch) => Place::Item { batch, sub_type, index },
            Place::Execution | Place::Item { .. } => self.place,
        };
        Self { place, name, ..self }
    }

    /// The ARN of the execution.
    pub fn execution_arn(&self) -> &'a str {
        self.shared.execution_arn()
    }

    /// The id of the operation: for the result of an item of a map or a branch of a parallel, that of the item; for what
    /// the handler returns, `execution`.
    pub fn operation_id(&self) -> String {
        self.id().map_or_else(|| "execution".to_owned(), |id| id.to_string())
    }

    /// The same as an id; what the handler returns has none.
    pub(crate) fn id(&self) -> Option<OperationId> {
        match self.place {
            Place::Execution => None,
            Place::Operation(id) => Some(id),
            Place::Item { batch, sub_type, index } => Some(batch.item(sub_type, index)),
        }
    }

    /// The name of the operation, if it has one. What the handler returns has none.
    pub fn operation_name(&self) -> Option<&'a str> {
        self.name
    }

    /// Which payload of the operation it is.
    pub fn payload_kind(&self) -> PayloadKind {
        self.kind
    }

    /// Who wrote the text that is read.
    pub fn origin(&self) -> TextOrigin {
        self.origin
    }

    /// Whether the text that is written becomes part of a record.
    ///
    /// If not, as for the result of a [virtual context](crate::operation::ChildContext::virtual_context), it is read at once and
    /// forgotten.
    pub fn is_recorded(&self) -> bool {
        self.is_recorded
    }

    pub(crate) fn shared(&self) -> &'a Shared {
        self.shared
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
