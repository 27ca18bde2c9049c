//! Try-joins: waiting for several futures concurrently, until one fails.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use durable_types::sub_type;

use super::branch::{Boxed, Branch, Once};
use super::branch_result::{BranchResult, begin};
use super::decision::Decision;
use crate::context::DurableContext;
use crate::error::{Error, Result};
use crate::name::OperationName;

impl DurableContext {
    /// Waits for several futures concurrently until all have succeeded, or one has failed and the others are dropped.
    ///
    /// See [`try_join!`](crate::try_join!).
    pub fn try_join<'c, B: TryJoinBranches<'c>>(
        &self,
        name: impl Into<OperationName<'c>>,
        branches: B,
    ) -> TryJoin<'c, B::Output> {
        let name = name.into();
        let decision = Decision::claim(self, &name, sub_type::TRY_JOIN, branches.count());
        let wanted = decision.wanted();
        let joined = branches.try_join(move |branch| wanted.allows(branch));
        let future = Box::pin(async move {
            match joined.await {
                Ok(output) => Ok(output),
                Err((branch, error)) => {
                    decision.make(branch).await;
                    Err(error)
                }
            }
        });
        TryJoin(Once::new("join", name, future))
    }
}

/// Waits for several futures concurrently; `try_join!(ctx, "name", a, b).await?` resolves to a tuple of their outputs.
///
/// It fails with the first error, and the other futures are dropped. Which future failed first is recorded before the
/// code resumes, so it is the same on replay. If all succeed, only their operations are recorded.
///
/// The futures can be operations, which start in the order of the arguments, or async blocks that contain operations.
/// Each returns a [`Result`](crate::Result) whose error is [`Error`](crate::Error). For a vector of futures, use
/// [`DurableContext::try_join`](crate::DurableContext::try_join).
///
/// ```
/// # use durable_core::{DurableContext, Result, try_join};
/// async fn handler(order: String, ctx: DurableContext) -> Result<String> {
///     let (stock, credit) = try_join!(
///         ctx,
///         "checks",
///         ctx.step("stock", async |_| Ok(3)),
///         ctx.invoke::<u32, _>("credit", "credit-check:live", &order),
///     )
///     .await?;
///     Ok(format!("{stock} in stock, credit {credit}"))
/// }
/// ```
#[macro_export]
macro_rules! try_join {
    ($ctx:expr, $name:expr, $($future:expr),+ $(,)?) => {
        $ctx.try_join($name, ($($future,)+))
    };
}

/// The future returned by [`try_join!`](crate::try_join!).
#[must_use = "futures do nothing unless polled"]
pub struct TryJoin<'c, T>(Once<'c, Result<T>>);

impl<T> Future for TryJoin<'_, T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx)
    }
}

/// Futures that can be joined until one fails: tuples of up to eight futures of results, and vectors of such futures.
///
/// The output of each future is a [`BranchResult`].
pub trait TryJoinBranches<'c> {
    /// The values of all futures if none fails.
    type Output: Send + 'c;

    #[doc(hidden)]
    fn count(&self) -> usize;

    /// Fails with the index and error of the first future that fails, among those that count.
    #[doc(hidden)]
    fn try_join(
        self,
        counts: impl Fn(usize) -> bool + Send + 'c,
    ) -> Boxed<'c, Result<Self::Output, (usize, Error)>>;
}

impl<'c, F, T> TryJoinBranches<'c> for Vec<F>
where
    F: IntoFuture<Output: BranchResult<Value = T>, IntoFuture: Send + 'c>,
    T: Send + 'c,
{
    type Output = Vec<T>;

    fn count(&self) -> usize {
        self.len()
    }

    fn try_join(
        self,
        counts: impl Fn(usize) -> bool + Send + 'c,
    ) -> Boxed<'c, Result<Vec<T>, (usize, Error)>> {
        let mut branches: Vec<_> = self.into_iter().map(begin).map(Branch::Running).collect();
        Box::pin(poll_fn(move |cx| {
            let mut has_succeeded = true;
            for (place, branch) in branches.iter_mut().enumerate() {
                match branch.poll_success(counts(place), cx) {
                    Ok(succeeded) => has_succeeded &= succeeded,
                    Err(error) => return Poll::Ready(Err((place, error))),
                }
            }
            if !has_succeeded {
                return Poll::Pending;
            }
            Poll::Ready(Ok(branches.iter_mut().filter_map(Branch::take).filter_map(Result::ok).collect()))
        }))
    }
}

macro_rules! try_join_tuples {
    ($($($branch:ident $value:ident)+;)+) => {$(
        impl<'c, $($branch, $value),+> TryJoinBranches<'c> for ($($branch,)+)
        where
            $(
                $branch: IntoFuture<Output: BranchResult<Value = $value>, IntoFuture: Send + 'c>,
                $value: Send + 'c,
            )+
        {
            type Output = ($($value,)+);

            fn count(&self) -> usize {
                [$(stringify!($branch)),+].len()
            }

            #[expect(non_snake_case, reason = "each branch has the name of its type")]
            fn try_join(
                self,
                counts: impl Fn(usize) -> bool + Send + 'c,
            ) -> Boxed<'c, Result<Self::Output, (usize, Error)>> {
                let ($($branch,)+) = self;
                $(let mut $branch = Branch::Running(begin($branch));)+
                Box::pin(poll_fn(move |cx| {
                    let mut places = 0..;
                    let mut has_succeeded = true;
                    $(
                        let place = places.next().unwrap_or_default();
                        match $branch.poll_success(counts(place), cx) {
                            Ok(succeeded) => has_succeeded &= succeeded,
                            Err(error) => return Poll::Ready(Err((place, error))),
                        }
                    )+
                    if !has_succeeded {
                        return Poll::Pending;
                    }
                    match ($($branch.take(),)+) {
                        ($(Some(Ok($branch)),)+) => Poll::Ready(Ok(($($branch,)+))),
                        _ => Poll::Pending,
                    }
                }))
            }
        }
    )+};
}

try_join_tuples! {
    A T;
    A T B U;
    A T B U C V;
    A T B U C V D W;
    A T B U C V D W E X;
    A T B U C V D W E X F Y;
    A T B U C V D W E X F Y G Z;
    A T B U C V D W E X F Y G Z H S;
}
