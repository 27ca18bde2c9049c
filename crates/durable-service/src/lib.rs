//! The durable execution service as two state machines without I/O: one execution, and a dispatcher over many.
//!
//! An [`Execution`] takes [`Command`]s (a checkpoint, the end of an invocation, a timer) and the current time, and
//! returns an [`Outcome`]: the [`Event`]s to record, the [`Effect`]s to carry out (invoke the function, release callers
//! that wait for the result), and the reply to the sender of the command.
//!
//! Events are the record. The state of an execution is a fold of them ([`Execution::replay`]), and so is the history
//! that GetDurableExecutionHistory returns ([`History`]). A recorded event never changes, except that a heartbeat of a
//! callback replaces the previous one ([`Outcome::replaced`]). A driver that stores the events before it replies needs to
//! store nothing else: the execution survives a crash of the process. Timers are not stored; [`Execution::next_due`]
//! returns the time of the next [`Command::TimerDue`].
//!
//! A [`Dispatcher`] manages many executions and the rules that span them: starts by name, callbacks, chained invokes,
//! queued invocations, deletion, and failed appends. Its driver carries out its [`Output`]s: it records events, loads
//! executions and invokes functions.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use durable_service::{
//!     Command, Effect, Environment, Execution, InvocationEnd, InvocationHeaders, Seed, Settings, StartExecution,
//! };
//! use durable_types::{DurableConfig, ExecutionStatus, Timestamp};
//!
//! let settings = Settings::default();
//! let arn = "arn:aws:lambda:eu-west-1:123456789012:function:hello:1/durable-execution/a/0b1c".parse()?;
//! let request = StartExecution {
//!     execution_arn: arn,
//!     input: Some("\"Ada\"".to_owned()),
//!     durable_config: DurableConfig::default(),
//!     synchronous: true,
//!     headers: InvocationHeaders::default(),
//!     seed: Seed::default(),
//! };
//! let (mut execution, outcome) = Execution::start(request, &settings, Timestamp::EPOCH)?;
//! let [Effect::Invoke(invocation)] = &outcome.effects[..] else { panic!("the function is invoked") };
//!
//! let end = InvocationEnd::Answered(br#"{"Status":"SUCCEEDED","Result":"\"hello Ada\""}"#.to_vec());
//! let command = Command::InvocationEnded { request_id: invocation.request_id.clone(), end };
//! let functions = BTreeMap::new();
//! let environment = Environment::new(&settings, &functions, Timestamp::from_millis(20));
//! execution.handle(command, environment)?;
//!
//! assert_eq!(execution.status(), &ExecutionStatus::Succeeded);
//! assert_eq!(execution.result(), Some("\"hello Ada\""));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod callback;
mod callback_answer;
mod chained_invoke;
mod chained_invoke_end;
mod checkpoint;
mod checkpoint_token;
mod command;
mod delete;
mod digest;
mod dispatcher;
mod environment;
mod event;
mod execution;
mod function_call;
mod function_catalog;
mod function_description;
mod function_name;
mod function_versions;
mod handle;
mod headers;
mod history;
mod invocation;
mod name;
mod operation;
mod outcome;
mod page;
mod pause;
mod pauses;
mod payload;
mod quota;
mod records;
mod replay;
mod seed;
mod settings;
mod start;
mod stop;
mod trace_headers;
mod transition;

pub use callback::callback_execution_id;
pub use callback_answer::CallbackAnswer;
pub use chained_invoke_end::ChainedInvokeEnd;
pub use command::{Command, InvocationEnd};
pub use dispatcher::{
    Answer, Append, CallId, Dispatcher, DispatcherCounts, ExecutionId, ExecutionName, Failure,
    FunctionInvocation, Loaded, NamedExecution, NewExecution, Output, PlainCall, StartRequest,
    StartedExecution, StatusChange, WakeUp, input_digest,
};
pub use environment::Environment;
pub use event::{
    Checkpointed, DeletionRequested, Event, ExecutionEnded, ExecutionPaused, ExecutionResumed,
    ExecutionStarted, InvocationCompleted, InvocationEnding, InvocationStarted, OperationChanged,
    PauseRequested,
};
pub use execution::Execution;
pub use function_call::FunctionCall;
pub use function_catalog::FunctionCatalog;
pub use function_description::{FunctionDescription, FunctionKind};
pub use function_name::FunctionName;
pub use function_versions::FunctionVersions;
pub use headers::InvocationHeaders;
pub use history::{History, history};
pub use invocation::response_too_large;
pub use operation::{
    CallbackChange, ChainedInvokeChange, ChainedInvokeStarted, ContextChange, ExecutionEnd, OperationChange,
    StepChange, WaitChange,
};
pub use outcome::{Effect, Invocation, Outcome, Reply};
pub use payload::Payload;
pub use quota::{Quota, QuotaUse};
pub use replay::ReplayError;
pub use seed::Seed;
pub use settings::{Backoff, Settings};
pub use start::StartExecution;
