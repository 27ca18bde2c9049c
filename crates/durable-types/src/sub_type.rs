//! The subtypes of operations, and those that AWS's SDKs and this one write.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A step: [`OperationType::Step`](crate::OperationType::Step).
pub const STEP: &str = "Step";
/// A condition that is polled: [`OperationType::Step`](crate::OperationType::Step).
pub const WAIT_FOR_CONDITION: &str = "WaitForCondition";
/// A wait: [`OperationType::Wait`](crate::OperationType::Wait).
pub const WAIT: &str = "Wait";
/// A callback: [`OperationType::Callback`](crate::OperationType::Callback).
pub const CALLBACK: &str = "Callback";
/// An invocation of another function: [`OperationType::ChainedInvoke`](crate::OperationType::ChainedInvoke).
pub const CHAINED_INVOKE: &str = "ChainedInvoke";
/// A child context: [`OperationType::Context`](crate::OperationType::Context).
pub const RUN_IN_CHILD_CONTEXT: &str = "RunInChildContext";
/// A callback with its submitter: [`OperationType::Context`](crate::OperationType::Context).
pub const WAIT_FOR_CALLBACK: &str = "WaitForCallback";
/// A map over items: [`OperationType::Context`](crate::OperationType::Context).
pub const MAP: &str = "Map";
/// An item of a map: [`OperationType::Context`](crate::OperationType::Context).
pub const MAP_ITERATION: &str = "MapIteration";
/// Branches that run concurrently: [`OperationType::Context`](crate::OperationType::Context).
pub const PARALLEL: &str = "Parallel";
/// A branch of a parallel: [`OperationType::Context`](crate::OperationType::Context).
pub const PARALLEL_BRANCH: &str = "ParallelBranch";
/// A block of operations that is retried as a unit: [`OperationType::Context`](crate::OperationType::Context).
pub const WITH_RETRY: &str = "WithRetry";
/// Steps that are compensated when a later one fails: [`OperationType::Context`](crate::OperationType::Context).
pub const SAGA: &str = "Saga";
/// A change of the code that applies to the execution (`patched`), written by this SDK only:
/// [`OperationType::Step`](crate::OperationType::Step).
pub const PATCH: &str = "Patch";
/// The winner of a race, written by this SDK only: [`OperationType::Step`](crate::OperationType::Step).
pub const RACE: &str = "Race";
/// The first failure of a join, written by this SDK only: [`OperationType::Step`](crate::OperationType::Step).
pub const TRY_JOIN: &str = "TryJoin";
/// A recorded time (`now`), written by this SDK only: [`OperationType::Step`](crate::OperationType::Step).
pub const NOW: &str = "Now";
/// The place of a result that arrived after a later one had been delivered, written by this SDK only:
/// [`OperationType::Step`](crate::OperationType::Step).
pub const RESULT_ORDER: &str = "ResultOrder";
/// A marker that runtime tasks other than the handler's have used operations, written by this SDK only:
/// [`OperationType::Step`](crate::OperationType::Step).
pub const OTHER_TASKS: &str = "OtherTasks";

/// The subtypes above, the most frequent first.
const KNOWN: &[&str] = &[
    STEP,
    WAIT_FOR_CONDITION,
    WAIT,
    CALLBACK,
    CHAINED_INVOKE,
    RUN_IN_CHILD_CONTEXT,
    WAIT_FOR_CALLBACK,
    MAP,
    MAP_ITERATION,
    PARALLEL,
    PARALLEL_BRANCH,
    WITH_RETRY,
    SAGA,
    PATCH,
    RACE,
    TRY_JOIN,
    NOW,
    RESULT_ORDER,
    OTHER_TASKS,
];

/// The subtype of an operation, which distinguishes operations of one type.
///
/// The subtypes of this module are not allocated; others, such as those of other SDKs, are.
///
/// ```
/// use durable_types::SubType;
/// use durable_types::sub_type::MAP;
///
/// let sub_type = SubType::from(MAP);
///
/// assert_eq!(&*sub_type, "Map");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubType(Cow<'static, str>);

impl From<&str> for SubType {
    fn from(text: &str) -> Self {
        match KNOWN.iter().find(|known| **known == text) {
            Some(known) => Self(Cow::Borrowed(known)),
            None => Self(Cow::Owned(text.to_owned())),
        }
    }
}

impl From<String> for SubType {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl From<SubType> for String {
    fn from(SubType(text): SubType) -> Self {
        text.into_owned()
    }
}

impl Deref for SubType {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SubType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for SubType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl Serialize for SubType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for SubType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = SubType;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a subtype, which is a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SubType, E> {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subtypes_read_back_whether_they_are_known_or_not() {
        for text in KNOWN.iter().copied().chain(["", "step", "Steps", "ForeignSubType"]) {
            let written = serde_json::to_string(&SubType::from(text)).unwrap();

            let read: SubType = serde_json::from_str(&written).unwrap();

            assert_eq!(&*read, text);
            assert_eq!(read, SubType::from(text.to_owned()));
            assert_eq!(matches!(read.0, Cow::Borrowed(_)), KNOWN.contains(&text));
        }
    }
}
