//! The parts of random handlers.

use serde::{Deserialize, Serialize};

use super::{Batch, Branch};

/// A part of a handler.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Part {
    /// A step that fails so often before it succeeds, tried again after so many seconds. Each attempt takes so long.
    Step { failures: u32, delay: u64, millis: u64 },
    /// A step whose failure is caught.
    Failing,
    /// A step during which the process dies so often.
    Deadly { deaths: u32, is_at_most_once: bool },
    /// A wait of so many seconds.
    Wait { seconds: u64 },
    /// Parts one after the other, in a child context.
    Child { parts: Vec<Part>, is_virtual: bool, fails: bool },
    /// A child context whose result is too large to record, and so many bytes of it.
    Bulk { bytes: usize },
    /// Parts side by side in one context.
    Join(Vec<Part>),
    /// A callback, and a step between its creation and its answer.
    Callback(Ending),
    /// A callback with a submitter that fails so often.
    Asked { ending: Ending, failures: u32 },
    /// A call of another function.
    Call { function: Function, number: u32 },
    /// A condition that is met after so many checks.
    Condition { checks: u32, check: Check },
    /// Many bodies side by side, each in a context of its own.
    Batch(Batch),
    /// A block that fails so often before it succeeds.
    Retried { parts: Vec<Part>, failures: u32 },
    /// A child context that goes on by itself, and parts beside it.
    Spawned { parts: Vec<Part>, beside: Vec<Part> },
    /// Time, chance, and whether a change applies.
    Values,
    /// Chains side by side until one of them fails, if one does.
    TryJoin(Vec<Branch>),
    /// Chains of which all but one are dropped when that has ended, by a race that is recorded.
    Race(Vec<Vec<Part>>),
    /// Two chains of which one is dropped when the other has ended, by a race that is not.
    Select { left: Vec<Part>, right: Vec<Part>, selector: Selector },
    /// Chains side by side in one context, whose operations have the same names.
    Chains { chains: Vec<Vec<Part>>, combinator: Combinator },
}

impl Part {
    /// Whether these parts may end without any operation.
    pub(super) fn end_at_once(parts: &[Self]) -> bool {
        parts.iter().all(Self::ends_at_once)
    }

    fn ends_at_once(&self) -> bool {
        match self {
            Self::Values => true,
            Self::Child { parts, is_virtual: true, .. } | Self::Join(parts) | Self::Retried { parts, .. } => {
                Self::end_at_once(parts)
            }
            Self::TryJoin(branches) => branches.iter().all(|branch| Self::end_at_once(&branch.parts)),
            Self::Select { left, right, .. } => Self::end_at_once(left) || Self::end_at_once(right),
            Self::Chains { chains, .. } => chains.iter().all(|chain| Self::end_at_once(chain)),
            Self::Step { .. }
            | Self::Failing
            | Self::Deadly { .. }
            | Self::Wait { .. }
            | Self::Child { .. }
            | Self::Bulk { .. }
            | Self::Callback(_)
            | Self::Asked { .. }
            | Self::Call { .. }
            | Self::Condition { .. }
            | Self::Batch(_)
            | Self::Spawned { .. }
            | Self::Race(_) => false,
        }
    }
}

/// How the first of two chains is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Selector {
    /// By `select` of the futures crate.
    Futures,
    /// By `tokio::select!`, in random order.
    Random,
    /// By `tokio::select!`, in the order of the code.
    Biased,
}

/// How chains run side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Combinator {
    JoinAll,
    Unordered,
    Buffered,
    BufferUnordered,
    ForEachConcurrent,
}

/// What becomes of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ending {
    Succeeds,
    Fails,
    TimesOut,
    HasNoHeartbeat,
}

impl Ending {
    const ALL: [Self; 4] = [Self::Succeeds, Self::Fails, Self::TimesOut, Self::HasNoHeartbeat];

    /// The end of the names of callbacks that end so, for whoever answers them.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Succeeds => "-succeeds",
            Self::Fails => "-fails",
            Self::TimesOut => "-times-out",
            Self::HasNoHeartbeat => "-has-no-heartbeat",
        }
    }

    /// Returns how a callback with this name ends.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| name.ends_with(ending.label()))
    }

    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Succeeds => "answer",
            Self::Fails => "refused",
            Self::TimesOut => "Callback.Timeout",
            Self::HasNoHeartbeat => "Callback.Heartbeat",
        }
    }
}

/// The functions that handlers call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Function {
    /// Durable; waits, and doubles a number.
    Double,
    /// Durable; fails after a step.
    Broken,
    /// Not durable; adds one.
    Next,
    /// Not durable; fails.
    Sour,
}

impl Function {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Double => "double:$LATEST",
            Self::Broken => "broken:$LATEST",
            Self::Next => "next",
            Self::Sour => "sour",
        }
    }

    pub(crate) fn call(self, number: u32) -> Result<u32, &'static str> {
        match self {
            Self::Double => Ok(number * 2),
            Self::Next => Ok(number + 1),
            Self::Broken => Err("it is broken"),
            Self::Sour => Err("it is sour"),
        }
    }
}

/// What becomes of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Check {
    IsMet,
    /// It would be met by one check more than are made.
    IsExhausted,
    /// The last check fails.
    Fails,
}
