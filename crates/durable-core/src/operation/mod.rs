//! The operations of a context: builders that are awaited, one kind a file.

mod body;
mod callback;
mod child_context;
mod future;
mod handle;
mod invoke;
mod map;
mod name;
mod parallel;
mod payload;
mod read;
mod retry_if;
mod saga;
mod spawn;
mod step;
mod virtual_context;
mod wait;
mod wait_for_callback;
mod wait_for_condition;
mod with_retry;

pub(crate) use body::{panicked, run_in};
pub use callback::{Callback, CreateCallback, CreateCallbackFuture};
pub use child_context::{ChildContext, ChildContextFuture};
pub(crate) use future::OperationFuture;
pub(crate) use handle::{Claim, LiveHandle, Turn};
pub use invoke::{Invoke, InvokeFuture};
pub use map::{Map, MapFuture};
pub use name::{OperationName, UNNAMED};
pub use parallel::{Parallel, ParallelFuture};
pub use payload::{PayloadSerdes, PayloadWriter};
pub(crate) use read::{read, read_now};
pub use saga::{
    CompensatedStep, CompensatedStepFuture, Compensation, Saga, SagaContext, SagaFuture, SagaStep,
};
pub use spawn::{Operation, Spawned};
pub use step::{Step, StepFuture};
pub(crate) use virtual_context::VirtualContext;
pub use wait::{Wait, WaitFuture};
pub use wait_for_callback::{WaitForCallback, WaitForCallbackFuture};
pub use wait_for_condition::{WaitForCondition, WaitForConditionFuture};
pub use with_retry::{WithRetry, WithRetryFuture};
