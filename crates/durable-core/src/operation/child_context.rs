//! Child contexts: scopes of operations that have one result.

use durable_engine::{NewOperation, OperationId};
use durable_types::sub_type;

use super::begin::begins;
use crate::context::DurableContext;
use crate::error::{OperationKind, Result, Subject};
use crate::live::{LiveHandle, OperationFuture, VirtualContext, run_in};
use crate::name::OperationName;
use crate::serdes::{OperationSerdes, Records, SerdesChoice, round_trip};

impl<S: SerdesChoice> DurableContext<S> {
    /// Runs operations in a child context and records the result of its body.
    ///
    /// Operation names only have to be unique within a context. On replay, the body of a finished context does not run
    /// again, unless its result was too large to record (over 256 KiB): then the result is rebuilt by running the body
    /// over the recorded results of its operations. An error is recorded and returned as an [`Error`](crate::Error).
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// async fn handler(_: (), ctx: DurableContext) -> Result<String> {
    ///     let label = ctx
    ///         .run_in_child_context("ship", async |ctx| {
    ///             let parcel = ctx.step("pack", async |_| Ok(1_u32)).await?;
    ///             ctx.step("label", async |_| Ok(format!("parcel {parcel}"))).await
    ///         })
    ///         .await?;
    ///     Ok(label)
    /// }
    /// ```
    pub fn run_in_child_context<'c, T, F, Fut>(
        &self,
        name: impl Into<OperationName<'c>>,
        body: F,
    ) -> ChildContext<'c, T, F>
    where
        T: Send + Sync + 'c,
        F: Fn(DurableContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
        S: Records<'c, T>,
    {
        ChildContext::new(self.base(), name.into(), self.operation_serdes(), body)
    }
}

/// The builder of a child context, returned by [`DurableContext::run_in_child_context`].
#[must_use = "a child context does nothing until it is awaited"]
pub struct ChildContext<'c, T, F> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    body: F,
    serdes: OperationSerdes<'c, T>,
    is_virtual: bool,
    begin: fn(Self) -> OperationFuture<'c, T>,
}

impl<'c, T: Send + Sync + 'c, F> ChildContext<'c, T, F> {
    pub(crate) fn new<Fut>(
        context: DurableContext,
        name: OperationName<'c>,
        serdes: OperationSerdes<'c, T>,
        body: F,
    ) -> Self
    where
        F: Fn(DurableContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
    {
        Self { context, name, body, serdes, is_virtual: false, begin }
    }
}

impl<'c, T, F> ChildContext<'c, T, F> {
    /// Makes the context a scope for names only, of which nothing is recorded.
    ///
    /// Its operations belong to the surrounding context, and its body runs again on every replay.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
    /// let sum = ctx
    ///     .run_in_child_context("scope", async |ctx| ctx.step("count", async |_| Ok(1)).await)
    ///     .virtual_context()
    ///     .await?;
    /// # Ok(sum)
    /// # }
    /// ```
    pub fn virtual_context(mut self) -> Self {
        self.is_virtual = true;
        self
    }
}

begins!(ChildContext<'c, T, F> -> T);

fn begin<'c, T, F, Fut>(child: ChildContext<'c, T, F>) -> OperationFuture<'c, T>
where
    T: Send + Sync + 'c,
    F: Fn(DurableContext) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<T>> + Send + 'c,
{
    let ChildContext { context, name, body, serdes, is_virtual, begin: _ } = child;
    let new = NewOperation::Context { sub_type: sub_type::RUN_IN_CHILD_CONTEXT, index: None };
    if let (true, Some(problem)) = (is_virtual, name.problem()) {
        return OperationFuture::invalid(OperationKind::ChildContext, &name, problem);
    }
    if is_virtual {
        let scope = VirtualContext::open(&context, &name, &new);
        return OperationFuture::live(name.clone(), run_virtual(name, scope, body, serdes));
    }
    let live = |name, handle, serdes| run(name, handle, body, serdes);
    OperationFuture::claim(&context, name, new, serdes, live)
}

/// Runs the body of a context that had not ended when this invocation reached it, or whose result is being rebuilt.
async fn run<T, F, Fut>(
    name: OperationName<'_>,
    handle: LiveHandle,
    body: F,
    serdes: OperationSerdes<'_, T>,
) -> Result<T>
where
    T: Sync,
    F: Fn(DurableContext) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let (own, written) = (&handle, &serdes);
    let body = |context: DurableContext| async move {
        let ended = run_in(context.scope(), async { body(context).await }).await;
        own.finish(ended.map_err(|error| error.to_error_object()), written).await
    };
    handle.drive_context(&name, &serdes, body).await
}

/// Runs the body of a virtual context, which is not recorded.
async fn run_virtual<T, F, Fut>(
    name: OperationName<'_>,
    (scope, id): (VirtualContext, OperationId),
    body: F,
    serdes: OperationSerdes<'_, T>,
) -> Result<T>
where
    T: Sync,
    F: Fn(DurableContext) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let context = scope.serdes_context(id).named(name.as_deref()).unrecorded();
    let error = match scope.run(body).await {
        Err(error) => error.to_error_object(),
        Ok(value) => match round_trip(&serdes, &value, context).await {
            Ok((_, value)) => return Ok(value),
            Err(error) => error,
        },
    };
    Err(Subject::new(OperationKind::ChildContext, name.as_deref()).failed(error))
}
