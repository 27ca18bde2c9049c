//! Races: waiting for the first of several futures.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use durable_types::sub_type;

use super::branch::{Boxed, Once};
use super::branch_result::{BranchResult, begin};
use super::decision::{Decision, Wanted};
use crate::context::DurableContext;
use crate::error::Result;
use crate::name::OperationName;

impl DurableContext {
    /// Waits for the first of several futures and drops the others; see [`race!`](crate::race!).
    pub fn race<'c, B: RaceBranches<'c>>(
        &self,
        name: impl Into<OperationName<'c>>,
        branches: B,
    ) -> Race<'c, B::Output> {
        let branches = branches.into_branches();
        let name = name.into();
        let decision = Decision::claim(self, &name, sub_type::RACE, branches.len());
        let wanted = decision.wanted();
        let future = Box::pin(async move {
            let (winner, output) = first(branches, wanted).await;
            decision.make(winner).await;
            output
        });
        Race(Once::new("race", name, future))
    }
}

/// Waits for the first of several futures; `race!(ctx, "name", a, b).await` resolves to its result.
///
/// The other futures are dropped at once. The winner is recorded before the code resumes, so it is the same on replay
/// even if others have ended in the meantime. If two futures end together, the same one wins on every replay.
///
/// The futures can be operations, which start in the order of the arguments, or async blocks that contain operations.
/// All return a [`Result`](crate::Result) of the same type; to tell the branches apart, let async blocks map their
/// values to variants of an enum. If two branches use the same operation names, run each in a
/// [child context](crate::DurableContext::run_in_child_context).
///
/// ```
/// # use std::time::Duration;
/// # use durable_core::{DurableContext, Result, race};
/// enum Answer {
///     Given(bool),
///     Overdue,
/// }
///
/// async fn handler(_: (), ctx: DurableContext) -> Result<bool> {
///     let approval = ctx.create_callback("approval").await?;
///     let answer = race!(
///         ctx,
///         "approval or deadline",
///         async { Ok(Answer::Given(approval.await?)) },
///         async {
///             ctx.wait("deadline", Duration::from_hours(24)).await?;
///             Ok(Answer::Overdue)
///         },
///     )
///     .await?;
///     Ok(matches!(answer, Answer::Given(true)))
/// }
/// ```
#[macro_export]
macro_rules! race {
    ($ctx:expr, $name:expr, $($future:expr),+ $(,)?) => {
        $ctx.race($name, ($($future,)+))
    };
}

/// The future returned by [`race!`](crate::race!).
#[must_use = "futures do nothing unless polled"]
pub struct Race<'c, T>(Once<'c, Result<T>>);

impl<T> Future for Race<'_, T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx)
    }
}

/// Futures that can be raced: tuples of up to eight futures with the same result type, and vectors of futures.
///
/// The output of each future is a [`BranchResult`].
pub trait RaceBranches<'c> {
    /// The value of each future if it succeeds.
    type Output: Send + 'c;

    #[doc(hidden)]
    fn into_branches(self) -> Vec<Boxed<'c, Result<Self::Output>>>;
}

impl<'c, F, T> RaceBranches<'c> for Vec<F>
where
    F: IntoFuture<Output: BranchResult<Value = T>, IntoFuture: Send + 'c>,
    T: Send + 'c,
{
    type Output = T;

    fn into_branches(self) -> Vec<Boxed<'c, Result<T>>> {
        self.into_iter().map(begin).collect()
    }
}

macro_rules! race_tuples {
    ($($($branch:ident)+;)+) => {$(
        impl<'c, T: Send + 'c, $($branch),+> RaceBranches<'c> for ($($branch,)+)
        where
            $($branch: IntoFuture<Output: BranchResult<Value = T>, IntoFuture: Send + 'c>,)+
        {
            type Output = T;

            #[expect(non_snake_case, reason = "each branch has the name of its type")]
            fn into_branches(self) -> Vec<Boxed<'c, Result<T>>> {
                let ($($branch,)+) = self;
                vec![$(begin($branch)),+]
            }
        }
    )+};
}

race_tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}

/// Returns the index and output of the first future that may win, and drops the others.
async fn first<T>(branches: Vec<Boxed<'_, T>>, wanted: Wanted) -> (usize, T) {
    let mut branches: Vec<_> = branches.into_iter().map(Some).collect();
    poll_fn(|cx| {
        for (place, branch) in branches.iter_mut().enumerate() {
            let Some(future) = branch else { continue };
            match future.as_mut().poll(cx) {
                Poll::Ready(output) if wanted.allows(place) => return Poll::Ready((place, output)),
                // It has ended, but another future was first when the winner was recorded.
                Poll::Ready(_) => *branch = None,
                Poll::Pending => {}
            }
        }
        Poll::Pending
    })
    .await
}
