//! The decision which of several futures counts, recorded before the code resumes.

use durable_engine::{Fatal, NewOperation, Progress, Settled};

use crate::context::DurableContext;
use crate::live::{Claim, LiveHandle, Turn};
use crate::name::OperationName;

/// A decision between futures, made in an earlier invocation or still open.
pub(super) enum Decision {
    /// Decided for this future. The code resumes at the turn of the decision.
    Made(usize, Turn),
    Open(LiveHandle),
    /// The execution is about to end.
    Never,
}

impl Decision {
    /// Claims a decision between this many futures.
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
        let (made, turn) = match Claim::make(context, name, NewOperation::Decision { sub_type }) {
            Claim::Never => return Self::Never,
            Claim::Live(handle) => return Self::Open(handle),
            Claim::Settled(_, Settled::Succeeded(made), _, turn) => (made, turn),
            Claim::Settled(_, Settled::Failed { .. }, _, turn) => (None, turn),
        };
        match made.and_then(|made| made.parse().ok()).filter(|made| *made < branches) {
            Some(made) => Self::Made(made, turn),
            None => never(Fatal::NonDeterministic(format!(
                "{sub_type} `{label}` was decided for a future that the code does not have any more: it has {branches}"
            ))),
        }
    }

    /// Returns which of the futures may be chosen.
    pub(super) fn wanted(&self) -> Wanted {
        match self {
            Self::Made(made, _) => Wanted::One(*made),
            Self::Open(_) => Wanted::Any,
            Self::Never => Wanted::None,
        }
    }

    /// Chooses this future and waits until the decision is recorded.
    pub(super) async fn make(self, branch: usize) {
        match self {
            Self::Never => {}
            Self::Made(_, turn) => turn.come().await,
            Self::Open(handle) => {
                handle.decide(branch.to_string());
                while !matches!(handle.progress().await, Progress::Settled(_)) {}
            }
        }
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
