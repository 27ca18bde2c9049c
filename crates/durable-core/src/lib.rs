//! What users of durable functions call, and what authors of transports implement.
//!
//! A handler gets a [`DurableContext`] and asks it for operations: [steps](DurableContext::step),
//! [waits](DurableContext::wait), [child contexts](DurableContext::run_in_child_context),
//! [callbacks](DurableContext::wait_for_callback), [calls of other functions](DurableContext::invoke),
//! [conditions](DurableContext::wait_for_condition), [maps](DurableContext::map),
//! [parallels](DurableContext::parallel), also [open ones](DurableContext::open_parallel),
//! [blocks that are tried again](DurableContext::with_retry) and [sagas](DurableContext::saga). Every operation is a
//! builder that is awaited. An [`Invocation`] runs a handler once over a [`Transport`], the connection to the service.
//!
//! # What replay does
//! When an execution waits, its invocation ends; later the handler runs again from its first line. Operations that are
//! recorded return what is recorded, their bodies do not run again. So the code between operations runs many times
//! and must do the same each time: what depends on time, chance or the outside world belongs in a step.

mod batch;
mod clock;
mod combinator;
mod context;
mod driver;
mod error;
mod lambda_context;
mod logging;
mod operation;
mod scope;
mod serdes;
mod shared;
mod step_context;
mod transport;
mod wakers;

pub use batch::{BatchItem, BatchProgress, BatchResult, BatchStatus, ItemProgress};
pub use combinator::{Join, JoinBranches, Race, RaceBranches, TryJoin, TryJoinBranches, join};
pub use context::DurableContext;
pub use driver::{Invocation, InvocationError};
pub use durable_engine::{
    CompletionReason, DivergencePolicy, ExponentialBackoff, FixedDelay, Jitter, LinearBackoff, RetryDecision,
    RetryStrategy, StepSemantics, Verdict, WaitStrategy,
};
pub use error::{BoxError, DurableError, Error, IntoError, Ok, OperationKind, Result};
pub use lambda_context::{ClientApplication, ClientContext, LambdaContext};
pub use logging::{LogContext, LogStep, log_context};
#[cfg(feature = "logging")]
pub use logging::{LogFormat, LogLines, LoggingError};
pub use operation::{
    Branch, Callback, ChildContext, CompensatedStep, Compensation, CreateCallback, IntoPayload, Invoke, Map,
    OpenParallel, Operation, OperationFuture, OperationName, Parallel, Payload, RetryPolicy, Saga,
    SagaContext, SagaStep, Spawned, Step, StepScope, UNNAMED, Wait, WaitForCallback, WaitForCondition,
    WaitPolicy, WithRetry,
};
#[cfg(feature = "file-system")]
pub use serdes::FileSystemSerdes;
pub use serdes::{
    AnyValue, ContextSerdes, DeserializeValue, Json, PayloadKind, Reads, Records, Serdes, SerdesChoice,
    SerdesContext, SerdesUnavailable, SerializeValue, TextOrigin, Using,
};
pub use step_context::StepContext;
pub use transport::{Transport, TransportError};

pub use durable_types as types;
pub use uuid::Uuid;
