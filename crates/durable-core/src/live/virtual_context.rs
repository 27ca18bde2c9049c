//! Virtual contexts, which are not recorded and are scopes of ids only.

use std::sync::Arc;

use durable_engine::{ContextKey, NewOperation, OperationId};

use super::body::{BodyError, run_in};
use crate::context::DurableContext;
use crate::error::Result;
use crate::name::OperationName;
use crate::serdes::{ContextSerdes, SerdesContext, TextOrigin};
use crate::shared::Shared;

/// A virtual context, which is closed when it is dropped.
pub(crate) struct VirtualContext {
    shared: Arc<Shared>,
    key: ContextKey,
    serdes: ContextSerdes,
}

impl VirtualContext {
    /// Opens a virtual context that takes the identity of an operation of `parent`, and returns that identity.
    pub(crate) fn open(
        parent: &DurableContext,
        name: &OperationName<'_>,
        new: &NewOperation,
    ) -> (Self, OperationId) {
        let (key, id) = parent.open_virtual(name, new);
        (Self::new(parent, key), id)
    }

    /// Opens the context of an item of a flat batch.
    pub(crate) fn open_flat_item(batch: &DurableContext, index: u32, name: &OperationName<'_>) -> Self {
        Self::new(batch, batch.open_flat_item(index, name))
    }

    fn new(parent: &DurableContext, key: ContextKey) -> Self {
        Self { shared: Arc::clone(parent.shared()), key, serdes: parent.serdes() }
    }

    /// Runs the body that owns this context.
    ///
    /// The body is called in the first poll.
    pub(crate) fn run<T, Fut>(
        &self,
        body: impl FnOnce(DurableContext) -> Fut,
    ) -> impl Future<Output = Result<T, BodyError>>
    where
        Fut: Future<Output = Result<T>>,
    {
        let context = DurableContext::new(Arc::clone(&self.shared), self.key, self.serdes.clone());
        run_in(context.scope(), async move { body(context).await })
    }

    /// Returns the serdes context of the operation with this id.
    pub(crate) fn serdes_context(&self, id: OperationId) -> SerdesContext<'_> {
        SerdesContext::new(&*self.shared, id, TextOrigin::Record)
    }
}

impl Drop for VirtualContext {
    fn drop(&mut self) {
        self.shared.with(|engine| engine.close_virtual(self.key));
    }
}
