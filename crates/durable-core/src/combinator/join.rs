//! Joins: waiting for several futures concurrently.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::branch::{Boxed, Branch, Once};
use crate::name::UNNAMED;

/// Waits for several futures concurrently and returns all outputs; see [`join!`](crate::join!).
pub fn join<'c, B: JoinBranches<'c>>(branches: B) -> Join<'c, B::Output> {
    Join(Once::new("join", UNNAMED, branches.join()))
}

/// Waits for several futures concurrently; `join!(a, b).await` resolves to a tuple of their outputs.
///
/// The futures can be operations, which start in the order of the arguments, or async blocks that contain operations.
/// Only the operations are recorded. The outputs can be of any type, so an async block that uses `?` names its error
/// type by ending with [`durable_core::Ok`](crate::Ok). If two branches use the same operation names, run each in a
/// [child context](crate::DurableContext::run_in_child_context).
///
/// ```
/// # use std::time::Duration;
/// # use durable_core::{DurableContext, Result, join};
/// async fn handler(order: String, ctx: DurableContext) -> Result<String> {
///     let label = async {
///         let parcel = ctx.step("pack", async |_| Ok(format!("parcel of {order}"))).await?;
///         ctx.wait("settle", Duration::from_secs(60)).await?;
///         durable_core::Ok(parcel)
///     };
///     let invoice = ctx.step("invoice", async |_| Ok(format!("invoice for {order}")));
///     let (label, invoice) = join!(label, invoice).await;
///     Ok(format!("{}, {}", label?, invoice?))
/// }
/// ```
#[macro_export]
macro_rules! join {
    ($($future:expr),+ $(,)?) => {
        $crate::combinator::join(($($future,)+))
    };
}

/// The future returned by [`join!`](crate::join!).
#[must_use = "futures do nothing unless polled"]
pub struct Join<'c, T>(Once<'c, T>);

impl<T> Future for Join<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.0.poll(cx)
    }
}

/// Futures that can be joined: tuples of up to eight futures, and vectors of futures.
pub trait JoinBranches<'c> {
    /// The outputs of all futures.
    type Output;

    #[doc(hidden)]
    fn join(self) -> Pin<Box<dyn Future<Output = Self::Output> + Send + 'c>>;
}

impl<'c, F> JoinBranches<'c> for Vec<F>
where
    F: IntoFuture<Output: Send + 'c, IntoFuture: Send + 'c>,
{
    type Output = Vec<F::Output>;

    fn join(self) -> Boxed<'c, Self::Output> {
        let mut branches: Vec<_> = self.into_iter().map(Branch::begin).collect();
        Box::pin(poll_fn(move |cx| {
            let running =
                branches.iter_mut().map(|branch| branch.poll(cx)).filter(|has_ended| !has_ended).count();
            if running > 0 {
                return Poll::Pending;
            }
            Poll::Ready(branches.iter_mut().filter_map(Branch::take).collect())
        }))
    }
}

macro_rules! join_tuples {
    ($($($branch:ident)+;)+) => {$(
        impl<'c, $($branch),+> JoinBranches<'c> for ($($branch,)+)
        where
            $($branch: IntoFuture<Output: Send + 'c, IntoFuture: Send + 'c>,)+
        {
            type Output = ($($branch::Output,)+);

            #[expect(non_snake_case, reason = "each branch has the name of its type")]
            fn join(self) -> Boxed<'c, Self::Output> {
                let ($($branch,)+) = self;
                $(let mut $branch = Branch::begin($branch);)+
                Box::pin(poll_fn(move |cx| {
                    let mut has_ended = true;
                    $(has_ended &= $branch.poll(cx);)+
                    if !has_ended {
                        return Poll::Pending;
                    }
                    match ($($branch.take(),)+) {
                        ($(Some($branch),)+) => Poll::Ready(($($branch,)+)),
                        _ => Poll::Pending,
                    }
                }))
            }
        }
    )+};
}

join_tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}
