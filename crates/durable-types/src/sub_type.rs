//! The subtypes that AWS's SDKs and ours write, which tell operations of one type apart.

/// A step: [`OperationType::Step`](crate::OperationType::Step).
pub const STEP: &str = "Step";
/// A condition that is polled: [`OperationType::Step`](crate::OperationType::Step).
pub const WAIT_FOR_CONDITION: &str = "WaitForCondition";
/// A wait: [`OperationType::Wait`](crate::OperationType::Wait).
pub const WAIT: &str = "Wait";
/// A callback: [`OperationType::Callback`](crate::OperationType::Callback).
pub const CALLBACK: &str = "Callback";
/// A call of another function: [`OperationType::ChainedInvoke`](crate::OperationType::ChainedInvoke).
pub const CHAINED_INVOKE: &str = "ChainedInvoke";
/// A child context: [`OperationType::Context`](crate::OperationType::Context).
pub const RUN_IN_CHILD_CONTEXT: &str = "RunInChildContext";
/// A callback with its submitter: [`OperationType::Context`](crate::OperationType::Context).
pub const WAIT_FOR_CALLBACK: &str = "WaitForCallback";
/// A map over items: [`OperationType::Context`](crate::OperationType::Context).
pub const MAP: &str = "Map";
/// One item of a map: [`OperationType::Context`](crate::OperationType::Context).
pub const MAP_ITERATION: &str = "MapIteration";
/// Branches that run side by side: [`OperationType::Context`](crate::OperationType::Context).
pub const PARALLEL: &str = "Parallel";
/// One of those branches: [`OperationType::Context`](crate::OperationType::Context).
pub const PARALLEL_BRANCH: &str = "ParallelBranch";
/// A block of operations that runs again when it fails: [`OperationType::Context`](crate::OperationType::Context).
pub const WITH_RETRY: &str = "WithRetry";
/// Steps that are compensated when a later one fails: [`OperationType::Context`](crate::OperationType::Context).
pub const SAGA: &str = "Saga";
/// A change of code that an execution has taken over, of our SDK:
/// [`OperationType::Step`](crate::OperationType::Step).
pub const PATCH: &str = "Patch";
/// Which of several futures was first, of our SDK: [`OperationType::Step`](crate::OperationType::Step).
pub const RACE: &str = "Race";
/// Which of several futures failed first, of our SDK: [`OperationType::Step`](crate::OperationType::Step).
pub const TRY_JOIN: &str = "TryJoin";
/// A moment that the code asked for, of our SDK: [`OperationType::Step`](crate::OperationType::Step).
pub const NOW: &str = "Now";
/// Where a result stands in the order of results, recorded if it arrived after a later one had been delivered, of our SDK:
/// [`OperationType::Step`](crate::OperationType::Step).
pub const RESULT_ORDER: &str = "ResultOrder";
/// That tasks of the runtime beside the handler have used operations, of our SDK:
/// [`OperationType::Step`](crate::OperationType::Step).
pub const OTHER_TASKS: &str = "OtherTasks";
