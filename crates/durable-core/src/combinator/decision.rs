//! Which of several futures it was, recorded before the code goes on.

use durable_engine::{Fatal, NewOperation, Progress, Settled};

use crate::DurableContext;
use crate::operation::{Claim, LiveHandle, OperationName};

/// A decision between futures: made in an earlier invocation, or still to be made.
pub(super) enum Decision {
    Made(usize),
    /// It is made, but the code goes on only when what was recorded beside it has been claimed.
    Held(usize, LiveHandle),
    Open(LiveHandle),
    /// The execution is about to end.
    Never,
}

impl Decision {
    /// Claims the decision between so many futures.
    pub(super) fn claim(
        context: &DurableContext,
        name: &OperationName<'_>,
        sub_type: &'static str,
        branches: usize,
    ) -> Self {
        let never = |fatal| {
            context.shared().with(|engine| engine.fail(fatal));
            Self::Never
        };
        let label = name.as_deref().unwrap_or_default();
        if branches == 0 {
            return never(Fatal::Misuse(format!(
                "{sub_type} `{label}` has no futures, so none can be first"
            )));
        }
        if let Some(problem) = name.problem() {
            return never(Fatal::Misuse(format!("{sub_type} `{label}` cannot be recorded: {problem}")));
        }
        let (made, handle) = match Claim::make(context, name, NewOperation::Decision { sub_type }) {
            Claim::Never => return Self::Never,
            Claim::Live(handle) => match handle.decided() {
                None => return Self::Open(handle),
                made => (made, Some(handle)),
            },
            Claim::Settled(_, Settled::Succeeded(made), _) => (made, None),
            Claim::Settled(_, Settled::Failed { .. }, _) => (None, None),
        };
        let made = made.and_then(|made| made.parse().ok()).filter(|made| *made < branches);
        match (made, handle) {
            (Some(made), None) => Self::Made(made),
            (Some(made), Some(handle)) => Self::Held(made, handle),
            (None, _) => never(Fatal::NonDeterministic(format!(
                "{sub_type} `{label}` was decided for a future that the code does not have any more: it has {branches}"
            ))),
        }
    }

    /// Which of the futures may be the one.
    pub(super) fn wanted(&self) -> Wanted {
        match self {
            Self::Made(made) | Self::Held(made, _) => Wanted::One(*made),
            Self::Open(_) => Wanted::Any,
            Self::Never => Wanted::None,
        }
    }

    /// Records that it is this future, and waits until that is recorded.
    pub(super) async fn make(self, branch: usize) {
        let handle = match self {
            Self::Made(_) | Self::Never => return,
            Self::Held(_, handle) => handle,
            Self::Open(handle) => {
                handle.decide(branch.to_string());
                handle
            }
        };
        while !matches!(handle.progress().await, Progress::Settled(_)) {}
    }
}

/// Which of several futures may be the first.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    Any,
    /// The one that was first in an earlier invocation.
    One(usize),
    None,
}

impl Wanted {
    pub(super) fn allows(self, branch: usize) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => one == branch,
            Self::None => false,
        }
    }
}
