//! What the handler asks for, and what it may get at once.

use std::fmt;

use durable_types::{ErrorObject, OperationType, sub_type};

use crate::{OperationId, OperationKey, RetryStrategy, Settled, StepSemantics};

/// An operation that the handler wants.
#[derive(Clone, Debug)]
pub enum NewOperation {
    /// Code that runs once.
    Step {
        /// Whether an attempt that was interrupted may run again.
        semantics: StepSemantics,
        /// When a failed attempt is followed by another.
        retry: RetryStrategy,
    },
    /// Time that passes.
    Wait {
        /// Seconds, 1 to 31,622,400.
        seconds: u64,
    },
    /// A scope of its own.
    ChildContext,
}

impl NewOperation {
    pub(crate) fn sub_type(&self) -> &'static str {
        match self {
            Self::Step { .. } => sub_type::STEP,
            Self::Wait { .. } => sub_type::WAIT,
            Self::ChildContext => sub_type::RUN_IN_CHILD_CONTEXT,
        }
    }

    pub(crate) fn operation_type(&self) -> OperationType {
        match self {
            Self::Step { .. } => OperationType::Step,
            Self::Wait { .. } => OperationType::Wait,
            Self::ChildContext => OperationType::Context,
        }
    }
}

/// What a claim gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Claimed {
    /// It ended in an earlier invocation, with this.
    Settled(OperationId, Settled),
    /// It is to be driven under this key, and released when its future is dropped.
    Live(OperationId, OperationKey),
    /// The execution is about to end; the operation never moves.
    Never,
}

/// Why the execution must end as failed, whatever the handler makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fatal {
    /// The code and what is recorded of the execution do not fit.
    NonDeterministic(String),
    /// An operation was used where it must not be.
    Misuse(String),
    /// The service recorded something this version does not understand.
    Unsupported(String),
    /// An invariant of the engine is broken.
    Bug(String),
}

impl Fatal {
    /// The error as the execution records it.
    pub fn to_error_object(&self) -> ErrorObject {
        let error_type = match self {
            Self::NonDeterministic(_) => "NonDeterministicExecutionError",
            Self::Misuse(_) => "ContextMisuseError",
            Self::Unsupported(_) => "UnsupportedOperationError",
            Self::Bug(_) => "InternalError",
        };
        ErrorObject::new(error_type, self.to_string())
    }
}

impl fmt::Display for Fatal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NonDeterministic(text) | Self::Misuse(text) | Self::Unsupported(text) => f.write_str(text),
            Self::Bug(text) => write!(f, "{text}; this is a bug in durable"),
        }
    }
}

impl std::error::Error for Fatal {}
