//! The first of several futures.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use durable_types::sub_type;

use super::branch::{Boxed, Once};
use super::decision::{Decision, Wanted};
use crate::context::DurableContext;
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

/// Waits for the first of several futures: `race!(ctx, "name", a, b).await` is what the first comes to.
///
/// The others are dropped at once. Which one was first is recorded before the code goes on, so that it is the same one on
/// replay, whatever ends meanwhile; of two that end together the same one wins on every replay. They may be operations, which
/// begin in their order, or async blocks with operations in them. All come to the same type: blocks turn what they come
/// to into one that says which it was. Where the same names are used on both sides, give each side a
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
///         async { durable_core::Ok(Answer::Given(approval.await?)) },
///         async {
///             ctx.wait("deadline", Duration::from_hours(24)).await?;
///             durable_core::Ok(Answer::Overdue)
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

/// Several futures of which the first counts.
#[must_use = "futures do nothing unless polled"]
pub struct Race<'c, T>(Once<'c, T>);

impl<T> Future for Race<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.0.poll(cx)
    }
}

/// What can be raced: tuples of up to eight futures with one output, and vectors of them.
pub trait RaceBranches<'c> {
    /// What each of them comes to.
    type Output: Send + 'c;

    #[doc(hidden)]
    fn into_branches(self) -> Vec<Boxed<'c, Self::Output>>;
}

impl<'c, F> RaceBranches<'c> for Vec<F>
where
    F: IntoFuture<Output: Send + 'c, IntoFuture: Send + 'c>,
{
    type Output = F::Output;

    fn into_branches(self) -> Vec<Boxed<'c, F::Output>> {
        self.into_iter().map(begin).collect()
    }
}

macro_rules! race_tuples {
    ($($($branch:ident)+;)+) => {$(
        impl<'c, T: Send + 'c, $($branch),+> RaceBranches<'c> for ($($branch,)+)
        where
            $($branch: IntoFuture<Output = T, IntoFuture: Send + 'c>,)+
        {
            type Output = T;

            #[expect(non_snake_case, reason = "each branch has the name of its type")]
            fn into_branches(self) -> Vec<Boxed<'c, T>> {
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

/// Begins a future: an operation is claimed here.
fn begin<'c, F: IntoFuture<IntoFuture: Send + 'c>>(future: F) -> Boxed<'c, F::Output> {
    Box::pin(future.into_future())
}

/// The first of the futures that may win, and its place. The others are dropped with it.
async fn first<T>(branches: Vec<Boxed<'_, T>>, wanted: Wanted) -> (usize, T) {
    let mut branches: Vec<_> = branches.into_iter().map(Some).collect();
    poll_fn(|cx| {
        for (place, branch) in branches.iter_mut().enumerate() {
            let Some(future) = branch else { continue };
            match future.as_mut().poll(cx) {
                Poll::Ready(output) if wanted.allows(place) => return Poll::Ready((place, output)),
                // It ended, but another one was first when this was recorded.
                Poll::Ready(_) => *branch = None,
                Poll::Pending => {}
            }
        }
        Poll::Pending
    })
    .await
}
