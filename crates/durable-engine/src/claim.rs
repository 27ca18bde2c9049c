//! What the handler asks for, and what it may get at once.

use durable_types::{ChainedInvokeOptions, OperationType, sub_type};

use crate::identity::OperationId;
use crate::operation::{OperationKey, Settled, StepSemantics};

/// An operation that the handler wants.
#[derive(Clone, Debug)]
pub enum NewOperation {
    /// Code that runs once.
    Step {
        /// Whether an attempt that was interrupted may run again.
        semantics: StepSemantics,
    },
    /// Time that passes.
    Wait {
        /// Seconds, 1 to 31,622,400.
        seconds: u64,
    },
    /// A call of another function.
    Invoke {
        /// The function, and how it is called.
        options: ChainedInvokeOptions,
        /// What it receives; none if [`handle_input`](crate::Engine::handle_input) tells it later.
        input: Option<String>,
    },
    /// A result that another system delivers.
    Callback {
        /// Seconds until it fails if nobody answers.
        timeout_seconds: Option<u64>,
        /// Seconds until it fails if nobody answers or sends a heartbeat.
        heartbeat_timeout_seconds: Option<u64>,
    },
    /// A condition that is checked until it is met.
    WaitForCondition,
    /// A scope of its own.
    Context {
        /// What it is for, see [`sub_type`].
        sub_type: &'static str,
        /// Its place, if it is an item of a map or a branch of a parallel: that is its identity, not its name.
        index: Option<u32>,
    },
    /// A decision of the code between its own futures, which the replay barrier does not hold up.
    Decision {
        /// What it decides, see [`sub_type`].
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

    /// Whether it is an item of a map or a branch of a parallel.
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

/// Which code claims an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimant {
    /// Code that the driver polls, in an order that replay repeats.
    Handler,
    /// Another task of the runtime, whose order relative to the handler is not reproducible.
    OtherTask,
}

/// What a claim gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Claimed {
    /// It ended in an earlier invocation, with this, and is part of a batch that is rebuilt.
    Settled(OperationId, Settled),
    /// It ended in an earlier invocation, with this, which its future returns when its
    /// [turn](crate::Engine::poll_deferred) has come. It is to be released when its future is dropped.
    Deferred(OperationId, OperationKey, Settled),
    /// It is to be driven under this key, and released when its future is dropped.
    Live(OperationId, OperationKey),
    /// The execution is about to end; the operation never moves.
    Never,
}
