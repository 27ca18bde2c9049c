//! The operations of a context: builders that are awaited, with one kind of operation per file.
//!
//! The module [`combinator`](crate::combinator) compares the ways to run operations concurrently.

mod begin;
mod callback;
mod child_context;
mod invoke;
mod map;
mod open_parallel;
mod parallel;
mod payload;
mod saga;
mod spawn;
mod step;
mod step_scope;
mod wait;
mod wait_for_callback;
mod wait_for_condition;
mod with_retry;

pub use callback::{Callback, CreateCallback};
pub use child_context::ChildContext;
pub use invoke::Invoke;
pub use map::Map;
pub use open_parallel::{Branch, OpenParallel};
pub use parallel::Parallel;
pub use payload::{IntoPayload, Payload};
pub use saga::{CompensatedStep, Compensation, Saga, SagaContext, SagaStep};
pub use spawn::{Operation, Spawned};
pub use step::Step;
pub use step_scope::StepScope;
pub use wait::Wait;
pub use wait_for_callback::WaitForCallback;
pub use wait_for_condition::WaitForCondition;
pub use with_retry::WithRetry;

pub use durable_engine::StepSemantics;

pub use crate::invoke_target::{InputFor, InvokeTarget};
pub use crate::live::OperationFuture;
pub use crate::name::{OperationName, UNNAMED};
