//! The body of an item, and the future that ends with the outcome of the item.

use std::pin::Pin;

use super::outcome::Outcome;
use crate::context::DurableContext;
use crate::error::Result;

/// The body of an item, which runs at most once per invocation.
pub(crate) type Body<'c, T> = Box<dyn FnOnce(DurableContext) -> BodyFuture<'c, T> + Send + 'c>;

pub(super) type BodyFuture<'c, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>>;

/// Ends with what became of an item, of whatever kind.
pub(super) type Running<'b, T> = Pin<Box<dyn Future<Output = Outcome<T>> + Send + 'b>>;
