//! Open parallels: branches of different types, which can be added depending on the results of earlier ones.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_channel::mpsc;
use futures_util::future::{FutureExt as _, Shared};
use serde::{Deserialize, Serialize};

use crate::batch::{BatchResult, Item, OpenBatch, Registered, claim_open};
use crate::context::DurableContext;
use crate::error::{Error, OperationKind, Result, Subject};
use crate::future_set::{Taker, handoff};
use crate::live::{OperationFuture, awaited_again};
use crate::name::OperationName;

impl DurableContext {
    /// Opens a parallel whose branches can have different result types and can be added depending on the results of
    /// earlier branches.
    ///
    /// Each branch has a [handle](crate::operation::Branch), which is a future of its result. A failed branch does not
    /// stop the others.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn reserve(sku: &str) -> std::io::Result<String> { Ok(sku.to_owned()) }
    /// # async fn price(sku: &str) -> std::io::Result<u32> { Ok(7) }
    /// async fn handler(sku: String, ctx: DurableContext) -> Result<(String, u32, bool)> {
    ///     let mut open = ctx.open_parallel("order").max_concurrency(2);
    ///     let reservation =
    ///         open.branch("reserve", async |ctx| ctx.step("reserve", async |_| Ok(reserve(&sku).await?)).await);
    ///     let price = open.branch("price", async |ctx| ctx.step("price", async |_| Ok(price(&sku).await?)).await);
    ///
    ///     let price = price.await?;
    ///     let is_cheap =
    ///         open.branch("check", async move |ctx| ctx.step("check", async |_| Ok(price < 1_000)).await);
    ///     open.close().await?;
    ///     Ok((reservation.await?, price, is_cheap.await?))
    /// }
    /// ```
    pub fn open_parallel<'c>(&self, name: impl Into<OperationName<'c>>) -> OpenParallel<'c> {
        OpenParallel::new(self.clone(), name.into())
    }
}

/// A parallel to which branches can be added, returned by [`DurableContext::open_parallel`].
#[must_use = "close it, or its end is not recorded"]
pub struct OpenParallel<'c> {
    context: DurableContext,
    name: OperationName<'c>,
    max_concurrency: usize,
    is_flat: bool,
    /// `None` until the first branch is added.
    opened: Option<Opened<'c>>,
}

/// A parallel whose id has been claimed.
struct Opened<'c> {
    branches: mpsc::UnboundedSender<Registered<'c>>,
    parallel: SharedParallel<'c>,
}

/// Drives all branches, no matter which handle polls it.
type SharedParallel<'c> = Shared<Pin<Box<dyn Future<Output = Result<BatchResult<()>>> + Send + 'c>>>;

impl<'c> OpenParallel<'c> {
    pub(crate) fn new(context: DurableContext, name: OperationName<'c>) -> Self {
        Self { context, name, max_concurrency: usize::MAX, is_flat: false, opened: None }
    }

    /// Sets the number of branches that run at a time; defaults to no limit.
    ///
    /// The next branch starts when a running one ends.
    pub fn max_concurrency(mut self, max: usize) -> Self {
        self.max_concurrency = max;
        self
    }

    /// Records the operations inside the branches, but no context for each branch.
    ///
    /// The code of a branch between its operations runs again on replay.
    pub fn flat(mut self) -> Self {
        self.is_flat = true;
        self
    }

    /// Adds a branch and returns its handle, a future of the branch's result.
    ///
    /// A branch is identified by its index; its name is only shown in the history. The branch makes progress while any
    /// handle or [`close`](Self::close) is awaited. Dropping its handle does not stop it.
    ///
    /// The body runs at most once per invocation. It can borrow values declared before the parallel; a body that uses
    /// the result of an earlier branch must own it (`async move |ctx| ..`). It cannot mutate its captures, since the
    /// body of a finished branch does not run on replay.
    ///
    /// ```compile_fail,E0277
    /// # use durable_core::{DurableContext, Result};
    /// # async fn handler(_: (), ctx: DurableContext) -> Result<()> {
    /// let mut total = 0;
    /// let mut open = ctx.open_parallel("sum");
    /// let two = open.branch("two", async |_| {
    ///     total += 2;
    ///     Ok(2)
    /// });
    /// # Ok(())
    /// # }
    /// ```
    pub fn branch<T, F, Fut>(&mut self, name: impl Into<OperationName<'c>>, body: F) -> Branch<'c, T>
    where
        T: Serialize + for<'de> Deserialize<'de> + Send + Sync + 'c,
        F: FnOnce(DurableContext) -> Fut + Clone + Send + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
    {
        let name = name.into();
        let label = name.clone();
        let body = Box::new(move |ctx| -> Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>> {
            Box::pin(body(ctx))
        });
        let (giver, taker) = handoff();
        let opened = self.opened();
        // If the receiver is gone, the parallel has failed, and awaiting the handle fails as well.
        drop(opened.branches.unbounded_send(Registered::new(Item { name, body }, giver)));
        Branch { name: label, result: Some(taker), parallel: Some(opened.parallel.clone()) }
    }

    /// Waits until all branches have ended and records the end of the parallel.
    ///
    /// No more branches can be added. A failed branch is not an error of the parallel: the result holds the outcome of
    /// each branch, without its value.
    ///
    /// # Errors
    /// Returns an error if the parallel cannot run because its name or its concurrency is invalid.
    pub fn close(mut self) -> OperationFuture<'c, BatchResult<()>> {
        // `self` holds the sender that keeps the parallel open, and is dropped here.
        OperationFuture::live(self.name.clone(), self.opened().parallel.clone())
    }

    fn opened(&mut self) -> &Opened<'c> {
        let Self { context, name, max_concurrency, is_flat, opened } = self;
        opened.get_or_insert_with(|| {
            let (branches, registered) = mpsc::unbounded();
            let batch =
                OpenBatch { branches: registered, max_concurrency: *max_concurrency, is_flat: *is_flat };
            let parallel: Pin<Box<dyn Future<Output = _> + Send + 'c>> =
                Box::pin(claim_open(context, name.clone(), batch));
            Opened { branches, parallel: parallel.shared() }
        })
    }
}

/// A branch of an open parallel, returned by [`OpenParallel::branch`]; a future of its result.
#[must_use = "the result of a branch is lost unless its handle is awaited"]
pub struct Branch<'c, T> {
    name: OperationName<'c>,
    /// `None` once the branch has sent its result, or once it never will.
    result: Option<Taker<Result<T>>>,
    /// `None` once the result has been taken.
    parallel: Option<SharedParallel<'c>>,
}

impl<T> Branch<'_, T> {
    /// Returns the result if the branch has ended.
    fn poll_result(&mut self, cx: &mut Context<'_>) -> Option<Result<T>> {
        match self.result.as_ref()?.poll(cx) {
            Poll::Ready(result) => {
                self.result = None;
                result
            }
            Poll::Pending => None,
        }
    }

    fn not_recorded(&self) -> Error {
        let problem = "its parallel was recorded without branches".to_owned();
        Subject::new(OperationKind::ChildContext, self.name.as_deref()).invalid(problem)
    }
}

// No field is structurally pinned.
impl<T> Unpin for Branch<'_, T> {}

impl<T> Future for Branch<'_, T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        // The branch may have ended while another handle drove the parallel.
        let mut result = this.poll_result(cx);
        if result.is_none() {
            let Some(parallel) = &mut this.parallel else {
                return awaited_again("branch", &this.name);
            };
            let ended = parallel.poll_unpin(cx);
            result = this.poll_result(cx).or_else(|| match ended {
                Poll::Pending => None,
                Poll::Ready(Err(error)) => Some(Err(error)),
                Poll::Ready(Ok(_)) => Some(Err(this.not_recorded())),
            });
        }
        let Some(result) = result else { return Poll::Pending };
        this.parallel = None;
        Poll::Ready(result)
    }
}
