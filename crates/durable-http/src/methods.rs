//! The operations at one path, by method.

use std::future::ready;
use std::sync::Arc;

use axum::extract::OriginalUri;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter};

use super::error::ApiError;
use super::operation::Operation;
use super::service::Service;
use super::whole_body::WithWholeBody;

/// The operations at one path, by method.
///
/// # Invariants
/// - Every other method is rejected with 405 and the methods that are allowed. `HEAD` is one of these, although axum
///   would have the operation for `GET` answer it: Lambda has no such request.
pub(super) struct Methods {
    allowed: String,
    router: MethodRouter<Arc<Service>>,
}

/// Routes `GET` to an operation.
pub(super) fn get<H, T>(operation: Operation, handler: H) -> Methods
where
    H: Handler<T, Arc<Service>>,
    T: 'static,
{
    Methods::none().on(MethodFilter::GET, "GET", operation, handler)
}

/// Routes `POST` to an operation.
pub(super) fn post<H, T>(operation: Operation, handler: H) -> Methods
where
    H: Handler<T, Arc<Service>>,
    T: 'static,
{
    Methods::none().on(MethodFilter::POST, "POST", operation, handler)
}

/// Routes `PUT` to an operation.
pub(super) fn put<H, T>(operation: Operation, handler: H) -> Methods
where
    H: Handler<T, Arc<Service>>,
    T: 'static,
{
    Methods::none().on(MethodFilter::PUT, "PUT", operation, handler)
}

impl Methods {
    fn none() -> Self {
        Self { allowed: String::new(), router: MethodRouter::new() }
    }

    /// Routes `DELETE` to an operation as well.
    pub(super) fn delete<H, T>(self, operation: Operation, handler: H) -> Self
    where
        H: Handler<T, Arc<Service>>,
        T: 'static,
    {
        self.on(MethodFilter::DELETE, "DELETE", operation, handler)
    }

    /// Returns the router of the path.
    pub(super) fn into_router(self) -> MethodRouter<Arc<Service>> {
        let Self { allowed, router } = self;
        let reject = move |OriginalUri(uri): OriginalUri| {
            ready(ApiError::MethodNotAllowed { path: uri.path().to_owned(), allowed })
        };
        router.head(reject.clone()).fallback(reject)
    }

    /// Returns the router of a path that requests of all other methods do not find.
    pub(super) fn into_exclusive_router(self) -> MethodRouter<Arc<Service>> {
        self.router.head(unknown_path).fallback(unknown_path)
    }

    fn on<H, T>(mut self, filter: MethodFilter, name: &str, operation: Operation, handler: H) -> Self
    where
        H: Handler<T, Arc<Service>>,
        T: 'static,
    {
        if !self.allowed.is_empty() {
            self.allowed.push_str(", ");
        }
        self.allowed.push_str(name);
        self.router = self.router.on(filter, WithWholeBody::new(operation, handler));
        self
    }
}

/// Rejects a path at which there is no operation.
pub(super) async fn unknown_path(OriginalUri(uri): OriginalUri) -> ApiError {
    ApiError::UnknownOperation(uri.path().to_owned())
}
