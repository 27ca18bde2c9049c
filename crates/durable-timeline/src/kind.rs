//! What an operation is in the code that the user wrote.

use durable_types::limits::MAX_OPERATION_NAME_LENGTH;
use durable_types::{OperationType, sub_type};

/// What an operation is in the code that the user wrote.
///
/// This is the one place that derives it from a record: from the type and the subtype, and for operations that an SDK
/// starts on behalf of another one, from the names of both.
///
/// ```
/// use durable_timeline::{Kind, Parent};
/// use durable_types::{OperationType, sub_type};
///
/// let saga = Kind::of(&OperationType::Context, Some(sub_type::SAGA), Some("trip"), None);
/// let parent = Parent { kind: saga, name: Some("trip") };
/// let undo = Kind::of(&OperationType::Step, Some(sub_type::STEP), Some("undo-hotel"), Some(parent));
///
/// assert_eq!((saga, undo), (Kind::Saga, Kind::Compensation));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A step.
    Step,
    /// A condition that is polled (`wait_for_condition`).
    Condition,
    /// A wait.
    Wait,
    /// A callback.
    Callback,
    /// An invocation of another function.
    Invoke,
    /// A child context.
    Context,
    /// A callback with its submitter (`wait_for_callback`).
    WaitForCallback,
    /// The step of a [`WaitForCallback`](Self::WaitForCallback) that passes on the id of the callback.
    Submitter,
    /// A map over items.
    Map,
    /// An item of a map.
    Item,
    /// Branches that run concurrently.
    Parallel,
    /// A branch of a parallel.
    Branch,
    /// A block of operations that is retried as a unit (`with_retry`). One of the SDKs for Python and JavaScript is
    /// recorded as a child context, and appears as a [`Context`](Self::Context) until it contains a backoff.
    Retry,
    /// The wait between two attempts of a retried block.
    Backoff,
    /// Steps that are compensated when a later one fails.
    Saga,
    /// A step that undoes another step of its saga. One with a name of its own, not derived from that of the step, is
    /// recorded like any other step and appears as a [`Step`](Self::Step).
    Compensation,
    /// The decision which future of a `race!` was the first.
    Race,
    /// The decision which future of a `try_join!` was the first to fail.
    TryJoin,
    /// A marker that a change of the code applies (`patched`).
    Patched,
    /// A recorded time (`now`).
    Now,
    /// The recorded place of a result among others, which no user code asked for.
    ResultOrder,
    /// A marker that other tasks of the runtime use operations, which no user code asked for.
    OtherTasks,
    /// A wait by which an invocation suspends before its deadline, which no user code asked for.
    Suspension,
    /// An operation of a type unknown to this version of the crate.
    Unknown,
}

/// The parent of an operation, as far as it determines the kind of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent<'a> {
    /// The kind of the parent.
    pub kind: Kind,
    /// The name of the parent.
    pub name: Option<&'a str>,
}

impl Kind {
    /// Returns the kind of an operation with this record.
    pub fn of(
        operation_type: &OperationType,
        sub_type: Option<&str>,
        name: Option<&str>,
        parent: Option<Parent<'_>>,
    ) -> Self {
        match operation_type {
            OperationType::Step => Self::of_step(sub_type, name, parent),
            OperationType::Wait => Self::of_wait(sub_type, name, parent),
            OperationType::Callback => Self::Callback,
            OperationType::ChainedInvoke => Self::Invoke,
            OperationType::Context => Self::of_context(sub_type),
            OperationType::Execution | OperationType::Unknown(_) => Self::Unknown,
        }
    }

    /// Returns the word for operations of this kind, such as `step`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Condition => "condition",
            Self::Wait => "wait",
            Self::Callback => "callback",
            Self::Invoke => "invoke",
            Self::Context => "context",
            Self::WaitForCallback => "wait for callback",
            Self::Submitter => "submitter",
            Self::Map => "map",
            Self::Item => "item",
            Self::Parallel => "parallel",
            Self::Branch => "branch",
            Self::Retry => "retry",
            Self::Backoff => "backoff",
            Self::Saga => "saga",
            Self::Compensation => "compensation",
            Self::Race => "race",
            Self::TryJoin => "try_join",
            Self::Patched => "patched",
            Self::Now => "now",
            Self::ResultOrder => "order of results",
            Self::OtherTasks => "use by other tasks",
            Self::Suspension => "suspension before the deadline",
            Self::Unknown => "operation",
        }
    }

    /// Returns whether the operation is a fact that the code recorded about itself, rather than work or waiting.
    pub fn is_marker(self) -> bool {
        match self {
            Self::Race | Self::TryJoin | Self::Patched | Self::Now | Self::ResultOrder | Self::OtherTasks => {
                true
            }
            Self::Suspension
            | Self::Step
            | Self::Condition
            | Self::Wait
            | Self::Callback
            | Self::Invoke
            | Self::Context
            | Self::WaitForCallback
            | Self::Submitter
            | Self::Map
            | Self::Item
            | Self::Parallel
            | Self::Branch
            | Self::Retry
            | Self::Backoff
            | Self::Saga
            | Self::Compensation
            | Self::Unknown => false,
        }
    }

    /// Returns whether the SDK records the operation for itself, so that views for users omit it.
    pub fn is_internal(self) -> bool {
        matches!(self, Self::ResultOrder | Self::OtherTasks | Self::Suspension)
    }

    /// Returns whether the operation runs items or branches.
    pub fn is_batch(self) -> bool {
        matches!(self, Self::Map | Self::Parallel)
    }

    /// Returns whether the operation is an item or a branch.
    pub fn is_item(self) -> bool {
        matches!(self, Self::Item | Self::Branch)
    }

    fn of_step(sub_type: Option<&str>, name: Option<&str>, parent: Option<Parent<'_>>) -> Self {
        match (sub_type, parent.map(|parent| parent.kind)) {
            (Some(sub_type::WAIT_FOR_CONDITION), _) => Self::Condition,
            (Some(sub_type::PATCH), _) => Self::Patched,
            (Some(sub_type::RACE), _) => Self::Race,
            (Some(sub_type::TRY_JOIN), _) => Self::TryJoin,
            (Some(sub_type::NOW), _) => Self::Now,
            (Some(sub_type::RESULT_ORDER), _) => Self::ResultOrder,
            (Some(sub_type::OTHER_TASKS), _) => Self::OtherTasks,
            (_, Some(Self::WaitForCallback)) => Self::Submitter,
            (_, Some(Self::Saga)) if name.is_some_and(|name| name.starts_with("undo-")) => Self::Compensation,
            (_, _) => Self::Step,
        }
    }

    fn of_wait(sub_type: Option<&str>, name: Option<&str>, parent: Option<Parent<'_>>) -> Self {
        let block = parent.filter(|parent| matches!(parent.kind, Self::Context | Self::Retry));
        let between = block.and_then(|block| Some((block.name?, name?)));
        match sub_type {
            Some(sub_type::SUSPENSION) => Self::Suspension,
            Some(_) | None if between.is_some_and(|(block, name)| is_backoff(block, name)) => Self::Backoff,
            Some(_) | None => Self::Wait,
        }
    }

    fn of_context(sub_type: Option<&str>) -> Self {
        match sub_type {
            Some(sub_type::WAIT_FOR_CALLBACK) => Self::WaitForCallback,
            Some(sub_type::MAP) => Self::Map,
            Some(sub_type::MAP_ITERATION) => Self::Item,
            Some(sub_type::PARALLEL) => Self::Parallel,
            Some(sub_type::PARALLEL_BRANCH) => Self::Branch,
            Some(sub_type::WITH_RETRY) => Self::Retry,
            Some(sub_type::SAGA) => Self::Saga,
            Some(_) | None => Self::Context,
        }
    }
}

/// Returns whether a wait inside a retried block is one between two attempts, which the SDKs name after the block:
/// `price-backoff-1`. The SDKs for Python and JavaScript record the block as a child context.
fn is_backoff(block: &str, wait: &str) -> bool {
    let Some((stem, number)) = wait.rsplit_once("-backoff-") else { return false };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_cut = wait.len() >= MAX_OPERATION_NAME_LENGTH && block.starts_with(stem);
    is_number && (stem == block || is_cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(operation_type: OperationType, sub_type: &str) -> Kind {
        Kind::of(&operation_type, Some(sub_type), Some("x"), None)
    }

    #[test]
    fn each_subtype_has_its_kind() {
        let steps = [
            (sub_type::STEP, Kind::Step),
            (sub_type::WAIT_FOR_CONDITION, Kind::Condition),
            (sub_type::PATCH, Kind::Patched),
            (sub_type::RACE, Kind::Race),
            (sub_type::TRY_JOIN, Kind::TryJoin),
            (sub_type::NOW, Kind::Now),
            (sub_type::RESULT_ORDER, Kind::ResultOrder),
            (sub_type::OTHER_TASKS, Kind::OtherTasks),
        ];
        let contexts = [
            (sub_type::RUN_IN_CHILD_CONTEXT, Kind::Context),
            (sub_type::WAIT_FOR_CALLBACK, Kind::WaitForCallback),
            (sub_type::MAP, Kind::Map),
            (sub_type::MAP_ITERATION, Kind::Item),
            (sub_type::PARALLEL, Kind::Parallel),
            (sub_type::PARALLEL_BRANCH, Kind::Branch),
            (sub_type::WITH_RETRY, Kind::Retry),
            (sub_type::SAGA, Kind::Saga),
        ];

        for (sub_type, expected) in steps {
            assert_eq!(kind(OperationType::Step, sub_type), expected);
        }
        for (sub_type, expected) in contexts {
            assert_eq!(kind(OperationType::Context, sub_type), expected);
        }
        assert_eq!(kind(OperationType::Wait, sub_type::WAIT), Kind::Wait);
        assert_eq!(kind(OperationType::Wait, sub_type::SUSPENSION), Kind::Suspension);
        assert_eq!(kind(OperationType::Callback, sub_type::CALLBACK), Kind::Callback);
        assert_eq!(kind(OperationType::ChainedInvoke, sub_type::CHAINED_INVOKE), Kind::Invoke);
    }

    #[test]
    fn the_type_counts_more_than_a_subtype_of_another_type() {
        assert_eq!(kind(OperationType::Step, sub_type::SAGA), Kind::Step);
        assert_eq!(kind(OperationType::Context, sub_type::STEP), Kind::Context);
        assert_eq!(kind(OperationType::Unknown("TIMER".into()), sub_type::WAIT), Kind::Unknown);
    }

    #[test]
    fn a_wait_named_after_its_block_is_a_backoff_in_every_sdk() {
        let wait = |name, kind, block| {
            Kind::of(&OperationType::Wait, Some("Wait"), Some(name), Some(Parent { kind, name: Some(block) }))
        };
        let long = "n".repeat(256);
        let cut = format!("{}-backoff-12", "n".repeat(245));

        assert_eq!(wait("price-backoff-1", Kind::Retry, "price"), Kind::Backoff);
        assert_eq!(wait("price-backoff-12", Kind::Context, "price"), Kind::Backoff);
        assert_eq!(wait(&cut, Kind::Retry, &long), Kind::Backoff);
        assert_eq!(wait("price-backoff-1", Kind::Item, "price"), Kind::Wait);
        assert_eq!(wait("price-backoff-", Kind::Retry, "price"), Kind::Wait);
        assert_eq!(wait("other-backoff-1", Kind::Retry, "price"), Kind::Wait);
        assert_eq!(wait("pri-backoff-1", Kind::Retry, "price"), Kind::Wait);
    }

    #[test]
    fn only_steps_of_a_saga_are_compensations() {
        let step = |name, kind| {
            let parent = Parent { kind, name: None };
            Kind::of(&OperationType::Step, Some("Step"), Some(name), Some(parent))
        };

        assert_eq!(step("undo-hotel", Kind::Saga), Kind::Compensation);
        assert_eq!(step("hotel", Kind::Saga), Kind::Step);
        assert_eq!(step("undo-hotel", Kind::Context), Kind::Step);
    }
}
