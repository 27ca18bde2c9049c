//! The outputs of the dispatcher, and its answers to requests.

use std::collections::BTreeMap;

use durable_types::api::ServiceError;
use durable_types::{DurableExecutionArn, ExecutionStatus, Timestamp};

use super::calls::CallId;
use super::execution_id::ExecutionId;
use super::failure::Failure;
use super::names::ExecutionName;
use super::wake_up::WakeUp;
use crate::event::Event;
use crate::execution::Execution;
use crate::headers::InvocationHeaders;
use crate::outcome::{Invocation, Reply};
use crate::quota::QuotaUse;

/// A task for the driver. `T` identifies the request that an answer belongs to.
#[derive(Debug, PartialEq)]
pub enum Output<T> {
    /// Record and replace events, then call [`handle_appended`](super::Dispatcher::handle_appended).
    Append(Box<Append>),
    /// Read an execution, then call [`handle_loaded`](super::Dispatcher::handle_loaded).
    Load(ExecutionId),
    /// Look up a name, then call [`handle_name_found`](super::Dispatcher::handle_name_found).
    FindName(ExecutionName),
    /// Delete everything about an execution, then call [`handle_deleted`](super::Dispatcher::handle_deleted).
    Delete(ExecutionId),
    /// Invoke a function once it has capacity: ask [`deliver`](super::Dispatcher::deliver) first, and call
    /// [`handle_invocation_ended`](super::Dispatcher::handle_invocation_ended) afterwards.
    Invoke(Box<FunctionInvocation>),
    /// Discard an invocation that waits for capacity and was withdrawn.
    Withdraw {
        /// Its request id.
        request_id: String,
    },
    /// Invoke a plain function once, then call [`handle_call_ended`](super::Dispatcher::handle_call_ended).
    Call(Box<PlainCall>),
    /// Answer a request.
    Answer(T, Result<Answer, ServiceError>),
    /// Notify the watchers of an execution that more events are recorded.
    Recorded {
        /// The execution.
        execution_id: ExecutionId,
        /// Whether it has ended.
        is_closed: bool,
    },
    /// Notify the watchers of an execution that it could not be recorded or loaded. It is retried if the failure is
    /// transient, and cannot continue in this process otherwise.
    Failed(ExecutionId, Failure),
    /// Notify the watchers of an execution that it does not run here: it was imported, or does not exist.
    Gone(ExecutionId),
    /// Warn that an execution has used 80 % of a quota.
    QuotaNear(DurableExecutionArn, QuotaUse),
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The command was carried out and its effects are recorded.
    Done(Reply),
    /// An execution was started or found.
    Started(StartedExecution),
    /// The in-memory state of the execution is fully recorded and may be read.
    Readable,
    /// The execution does not exist or, for a read, is not in memory.
    Unknown,
}

/// An execution that was started or found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedExecution {
    /// Its ARN.
    pub arn: DurableExecutionArn,
    /// Whether the execution existed before the request.
    pub existed: bool,
}

/// Changes to the record of an execution, to write atomically.
#[derive(Debug, PartialEq)]
pub struct Append {
    /// The execution.
    pub execution_id: ExecutionId,
    /// The number of the first event. The events of an execution are numbered from 1.
    pub first_sequence: u64,
    /// The events. There may be none if recorded events are replaced.
    pub events: Vec<Event>,
    /// Events to record in place of earlier ones, by the number of the earlier event.
    pub replaced: BTreeMap<u64, Event>,
    /// The properties of the execution, if it is new.
    pub created: Option<Box<NewExecution>>,
    /// The new status of the execution, if that changes.
    pub status: Option<StatusChange>,
    /// When the execution has to be loaded after a restart, if that changes. The initial value is [`WakeUp::AtStart`].
    pub wake_up: Option<WakeUp>,
}

/// The properties of a new execution by which it can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExecution {
    /// Its ARN.
    pub arn: DurableExecutionArn,
    /// The [digest](super::input_digest) of its input.
    pub input_digest: String,
    /// When it started.
    pub started_at: Timestamp,
    /// Its status.
    pub status: ExecutionStatus,
}

/// A new status of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChange {
    /// The status.
    pub status: ExecutionStatus,
    /// When it ended, if it has.
    pub ended_at: Option<Timestamp>,
    /// When its retention expires, if it has ended.
    pub expires_at: Option<Timestamp>,
}

/// An execution as recorded.
#[derive(Debug)]
pub struct Loaded {
    /// The execution.
    pub execution: Execution,
    /// Whether it was imported. An imported execution can be read and deleted but never runs here.
    pub is_imported: bool,
    /// When it has to be loaded after a restart.
    pub wake_up: WakeUp,
}

/// An invocation of the function of an execution.
#[derive(Debug, PartialEq)]
pub struct FunctionInvocation {
    /// The execution.
    pub arn: DurableExecutionArn,
    /// The headers that the function receives with the payload.
    pub headers: InvocationHeaders,
    /// The invocation.
    pub invocation: Invocation,
}

/// A call of a plain function.
#[derive(Debug, PartialEq)]
pub struct PlainCall {
    /// The call.
    pub id: CallId,
    /// The ARN of the function, with the version to run.
    pub function_arn: String,
    /// The name of the function alone.
    pub function_name: String,
    /// The headers that the function receives with the payload.
    pub headers: InvocationHeaders,
    /// The payload, as JSON.
    pub input: Option<String>,
}
