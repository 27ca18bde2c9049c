//! What the handler requests, and the outcome of its claims.

use durable_types::{ChainedInvokeOptions, OperationType, sub_type};

use crate::identity::OperationId;
use crate::operation_key::OperationKey;
use crate::settled::Settled;
use crate::step_semantics::StepSemantics;

/// An operation that the handler requests.
#[derive(Clone, Debug)]
pub enum NewOperation {
    /// Code whose result is recorded.
    Step {
        /// Whether an interrupted attempt may run again.
        semantics: StepSemantics,
    },
    /// A period of time.
    Wait {
        /// Seconds, from 1 to 31,622,400.
        seconds: u64,
    },
    /// An invocation of another function.
    Invoke {
        /// The function and the options of the invocation.
        options: ChainedInvokeOptions,
        /// The payload, or `None` if [`handle_input`](crate::Engine::handle_input) supplies it later.
        input: Option<String>,
    },
    /// A result that an external system delivers.
    Callback {
        /// The number of seconds without an answer after which it fails.
        timeout_seconds: Option<u64>,
        /// The number of seconds without an answer or a heartbeat after which it fails.
        heartbeat_timeout_seconds: Option<u64>,
    },
    /// A condition that is checked until it is met.
    WaitForCondition,
    /// A context with operations of its own.
    Context {
        /// Its purpose; see [`sub_type`].
        sub_type: &'static str,
        /// The index of a map's item or a parallel's branch, by which it is identified instead of by name.
        index: Option<u32>,
    },
    /// A decision of the code between its own futures, which does not wait at the replay barrier.
    Decision {
        /// What it decides; see [`sub_type`].
        sub_type: &'static str,
    },
}

impl NewOperation {
    pub(crate) fn sub_type(&self) -> &'static str {
        match self {
            Self::Step { .. } => sub_type::STEP,
            Self::Wait { .. } => sub_type::WAIT,
            Self::Invoke { .. } => sub_type::CHAINED_INVOKE,
            Self::Callback { .. } => sub_type::CALLBACK,
            Self::WaitForCondition => sub_type::WAIT_FOR_CONDITION,
            Self::Context { sub_type, .. } | Self::Decision { sub_type } => sub_type,
        }
    }

    pub(crate) fn operation_type(&self) -> OperationType {
        match self {
            Self::Step { .. } | Self::WaitForCondition | Self::Decision { .. } => OperationType::Step,
            Self::Wait { .. } => OperationType::Wait,
            Self::Invoke { .. } => OperationType::ChainedInvoke,
            Self::Callback { .. } => OperationType::Callback,
            Self::Context { .. } => OperationType::Context,
        }
    }

    /// Returns whether it is an item of a map or a branch of a parallel.
    pub(crate) fn is_item(&self) -> bool {
        matches!(self.sub_type(), sub_type::MAP_ITERATION | sub_type::PARALLEL_BRANCH)
    }

    pub(crate) fn index(&self) -> Option<u32> {
        match self {
            Self::Context { index, .. } => *index,
            Self::Step { .. }
            | Self::Wait { .. }
            | Self::Invoke { .. }
            | Self::Callback { .. }
            | Self::WaitForCondition
            | Self::Decision { .. } => None,
        }
    }
}

/// The code that claims an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimant {
    /// Code that the driver polls, in an order that replay reproduces.
    Handler,
    /// Another task of the runtime, whose order relative to the handler is not reproducible.
    OtherTask,
}

/// The outcome of a claim.
#[derive(Clone, Debug, PartialEq)]
pub enum Claimed {
    /// It ended in an earlier invocation and is part of a batch that is being rebuilt.
    Settled(OperationId, Settled),
    /// It ended in an earlier invocation. Its future returns the result at its [turn](crate::Engine::poll_deferred).
    /// The operation must be released when its future is dropped.
    Deferred(OperationId, OperationKey, Settled),
    /// It is driven under this key. It must be released when its future is dropped.
    Live(OperationId, OperationKey),
    /// The execution is about to end; the operation stays pending.
    Never,
}
