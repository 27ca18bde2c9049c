//! The subtypes that AWS's SDKs and this one write, which distinguish operations of one type.

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
/// A wait by which an invocation suspends before its deadline, written by this SDK only:
/// [`OperationType::Wait`](crate::OperationType::Wait).
pub const SUSPENSION: &str = "Suspension";
