//! The results of branches that can fail.

use super::branch::Boxed;
use crate::error::Result;

/// The output of a branch of [`race!`](crate::race!) and [`try_join!`](crate::try_join!): a [`Result`] whose error is
/// [`Error`](crate::Error).
///
/// Since the error type is fixed, an async block can end with a plain `Ok`. For a function with another error type,
/// convert the error with `?`: `async { Ok(charge().await?) }`.
#[diagnostic::on_unimplemented(
    message = "a branch of `race!` or `try_join!` must return `durable::Result`, not `{Self}`",
    label = "the output of this branch is `{Self}`",
    note = "convert an error of another type with `?`: `async {{ Ok(branch.await?) }}`",
    note = "wrap a value that is not a `Result`: `async {{ Ok(branch.await) }}`"
)]
pub trait BranchResult: sealed::Sealed {
    /// The value if the branch succeeds.
    type Value;

    #[doc(hidden)]
    fn into_result(self) -> Result<Self::Value>;
}

impl<T> BranchResult for Result<T> {
    type Value = T;

    fn into_result(self) -> Self {
        self
    }
}

/// Starts a branch that can fail; an operation claims its id here.
pub(super) fn begin<'c, F, R>(branch: F) -> Boxed<'c, Result<R::Value>>
where
    F: IntoFuture<Output = R, IntoFuture: Send + 'c>,
    R: BranchResult,
{
    let future = branch.into_future();
    Box::pin(async move { future.await.into_result() })
}

mod sealed {
    pub trait Sealed {}

    impl<T> Sealed for crate::error::Result<T> {}
}
