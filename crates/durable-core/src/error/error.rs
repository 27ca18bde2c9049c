//! The error type of the SDK.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use durable_types::{ErrorObject, OperationStatus};

use super::box_error::BoxError;
use super::durable_error::DurableError;
use super::failed_operation::FailedOperation;
use super::identity::{ERASED, chain, type_label};
use super::kind::OperationKind;
use super::returned::ReturnedError;

/// The error type of operations, their bodies and handlers.
///
/// Because there is only one error type, an operation can be the tail expression of a handler, a child context, an item
/// or a branch. An error was either returned by code in this invocation, or belongs to an operation. The error of an
/// operation is rebuilt from its record, live as on replay.
///
/// # Your own errors
/// `?` converts any error type. The name of the type and the message, including its causes, are recorded. An error
/// whose type derives [`DurableError`] is recorded in full and can be [downcast](Self::downcast).
///
/// # Propagation
/// Code that fails with the error of an operation propagates its type and data. If a step fails with a `PaymentError`,
/// so does the child context around it, and so does the execution, as seen by a function that
/// [invoked](crate::DurableContext::invoke) it. The message names the operations along the way.
///
/// # Conversion to other error types
/// Like other catch-all errors, it does not implement [`std::error::Error`] itself. It converts into a [`BoxError`] and
/// dereferences to `dyn std::error::Error`, so it can be a `#[from]` or `#[source]` field with `thiserror`.
///
/// ```
/// # use durable_core::{DurableContext, Result};
/// async fn handler(cents: u64, ctx: DurableContext) -> Result<String> {
///     ctx.run_in_child_context("pay", async |ctx| {
///         ctx.step("charge", async |_| Ok(format!("charged {cents}"))).await
///     })
///     .await
/// }
/// ```
#[derive(Clone)]
pub struct Error(Repr);

/// The content of an [`Error`], which does implement `std::error::Error`, so that it can be found in boxes and chains.
#[derive(Clone)]
struct Repr(Arc<Inner>);

struct Inner {
    origin: Origin,
    /// The user's error, once it has been deserialized from the record.
    typed: OnceLock<Box<dyn Any + Send + Sync>>,
}

/// The origin of an error.
enum Origin {
    /// User code returned it in this invocation.
    Returned(ReturnedError),
    /// An operation failed, and so did these compensations if it is a saga.
    Operation(FailedOperation, Vec<Error>),
}

impl Error {
    /// Creates an error with this message.
    ///
    /// ```
    /// # use durable_core::Error;
    /// let error = Error::msg("out of stock");
    /// assert_eq!(error.to_string(), "out of stock");
    /// ```
    pub fn msg(message: impl Into<String>) -> Self {
        Self::returned(ReturnedError::new(Cow::Borrowed(ERASED), message.into().into()))
    }

    /// Creates an error from one whose type is erased: a [`BoxError`], or another catch-all such as that of `anyhow`.
    ///
    /// `?` cannot convert these, because they do not implement [`std::error::Error`].
    ///
    /// ```
    /// # use durable_core::{DurableContext, Error, Result};
    /// # use durable_core::error::BoxError;
    /// async fn charge(cents: u64) -> Result<String, BoxError> {
    ///     Err(format!("{cents} is too much").into())
    /// }
    ///
    /// async fn handler(cents: u64, ctx: DurableContext) -> Result<String> {
    ///     ctx.step("charge", async |_| charge(cents).await.map_err(Error::from_boxed)).await
    /// }
    /// ```
    pub fn from_boxed(error: impl Into<BoxError>) -> Self {
        Self::named(Cow::Borrowed(ERASED), error.into())
    }

    /// Creates an error that is recorded in full, as JSON, so that it can be [downcast](Self::downcast).
    ///
    /// `?` does the same for a type that derives [`DurableError`].
    pub fn typed<E: DurableError>(error: E) -> Self {
        Self::returned(ReturnedError::typed(error))
    }

    /// Returns the kind of operation that failed, or `None` if code returned the error in this invocation.
    pub fn operation_kind(&self) -> Option<OperationKind> {
        self.operation().map(|operation| operation.kind)
    }

    /// Returns the name of the operation that failed.
    pub fn operation_name(&self) -> Option<&str> {
        self.operation()?.name.as_deref()
    }

    /// Returns the id of the operation that failed, or `None` if it was not started or its record does not contain it.
    pub fn operation_id(&self) -> Option<String> {
        self.operation()?.id.map(|id| id.to_string())
    }

    /// Returns the status with which the operation ended: failed, cancelled, timed out or stopped.
    ///
    /// Returns `None` if code returned the error in this invocation.
    pub fn status(&self) -> Option<&OperationStatus> {
        self.operation().map(|operation| &operation.status)
    }

    /// Returns the recorded type of the error, which is the type of the innermost error that code returned.
    pub fn error_type(&self) -> &str {
        let fallback = self.operation().map_or(ERASED, |operation| operation.kind.error_type());
        self.failure().error_type.as_deref().unwrap_or(fallback)
    }

    /// Returns the recorded message of the error, including its causes; empty if there is none.
    pub fn message(&self) -> &str {
        self.failure().error_message.as_deref().unwrap_or_default()
    }

    /// Returns the recorded data of the error, which is JSON if the error was recorded in full.
    pub fn data(&self) -> Option<&str> {
        self.failure().error_data.as_deref()
    }

    /// Returns the stack trace of the error, if one was recorded.
    pub fn stack_trace(&self) -> &[String] {
        self.failure().stack_trace.as_deref().unwrap_or_default()
    }

    /// Returns the error as it is, or will be, recorded.
    pub fn as_error_object(&self) -> &ErrorObject {
        match &self.0.0.origin {
            Origin::Returned(returned) => returned.record(wrapped_record),
            Origin::Operation(operation, _) => &operation.error,
        }
    }

    /// Returns the user's error by value, if it is of this type and was recorded in full.
    ///
    /// # Errors
    /// Returns the error itself if it is of another type or was not recorded in full.
    pub fn downcast<E: DurableError>(self) -> Result<E, Self> {
        self.read().ok_or(self)
    }

    /// Returns the user's error by reference, if it is of this type and was recorded in full.
    pub fn downcast_ref<E: DurableError>(&self) -> Option<&E> {
        if !self.is_whole::<E>() {
            return None;
        }
        let inner = &*self.0.0;
        let original = || self.original();
        let read_before = || inner.typed.get()?.downcast_ref();
        let read = || {
            let read = self.read::<E>()?;
            inner.typed.get_or_init(|| Box::new(read)).downcast_ref()
        };
        original().or_else(read_before).or_else(read)
    }

    /// Returns whether the user's error is of this type and was recorded in full.
    pub fn is<E: DurableError>(&self) -> bool {
        self.downcast_ref::<E>().is_some()
    }

    /// Returns the error that code returned in this invocation, if it is of this type.
    ///
    /// Use it in predicates such as [`Step::retry_if`](crate::operation::Step::retry_if), which receive the error
    /// before it is recorded. The error of an operation has no original, since it is rebuilt from its record; use
    /// [`downcast_ref`](Self::downcast_ref) there.
    pub fn original<E: StdError + 'static>(&self) -> Option<&E> {
        match &self.0.0.origin {
            Origin::Returned(returned) => returned.original.downcast_ref(),
            Origin::Operation(..) => None,
        }
    }

    /// Returns whether a time limit was exceeded: that of a callback, its heartbeat, an attempt of a step, or an
    /// invoked function.
    ///
    /// Like the methods below, it is about the operation, or about the inner operation whose error it propagates.
    pub fn is_timeout(&self) -> bool {
        self.operation().is_some_and(FailedOperation::is_timeout)
    }

    /// Returns whether a callback received no heartbeat in time.
    pub fn is_heartbeat_timeout(&self) -> bool {
        self.operation().is_some_and(FailedOperation::is_heartbeat_timeout)
    }

    /// Returns whether the submitter of [`wait_for_callback`](crate::DurableContext::wait_for_callback) failed, so that
    /// the id of the callback was not passed on.
    pub fn is_submitter_failure(&self) -> bool {
        self.operation().is_some_and(FailedOperation::is_submitter_failure)
    }

    /// Returns whether the last attempt of a step was interrupted, so that it may or may not have taken effect.
    ///
    /// Only steps that run [at most once](crate::operation::StepSemantics::AtMostOnce), overall or per retry, fail this
    /// way.
    pub fn is_interrupted(&self) -> bool {
        self.operation().is_some_and(FailedOperation::is_interrupted)
    }

    /// Returns whether a condition was not met within the number of checks that its strategy allows.
    pub fn is_exhausted(&self) -> bool {
        self.operation().is_some_and(FailedOperation::is_exhausted)
    }

    /// Returns whether the execution of an invoked function was stopped.
    pub fn is_stopped(&self) -> bool {
        self.status() == Some(&OperationStatus::Stopped)
    }

    /// Returns whether a failed saga was undone completely: false if a compensation failed for good.
    ///
    /// Returns true for errors that do not contain a saga.
    pub fn is_compensated(&self) -> bool {
        self.operation().is_none_or(FailedOperation::is_compensated)
    }

    /// Returns the errors of the saga's compensations that failed for good, in the order in which they ran.
    ///
    /// ```
    /// # use durable_core::Error;
    /// fn report(error: &Error) -> String {
    ///     if error.is_compensated() {
    ///         return format!("nothing was booked: {error}");
    ///     }
    ///     let left: Vec<_> = error.failed_compensations().iter().filter_map(Error::operation_name).collect();
    ///     format!("call the agency about {}", left.join(", "))
    /// }
    /// ```
    pub fn failed_compensations(&self) -> &[Self] {
        match &self.0.0.origin {
            Origin::Operation(_, compensations) => compensations,
            Origin::Returned(_) => &[],
        }
    }

    /// Returns the error to record for code that fails with this error: its type and data, and a message that names the
    /// operations along the way.
    pub fn to_error_object(&self) -> ErrorObject {
        self.operation().map_or_else(|| self.as_error_object().clone(), FailedOperation::to_error_object)
    }

    /// Creates an error from a boxed error of this type.
    pub(super) fn of_type<E>(error: BoxError) -> Self {
        Self::named(type_label::<E>(), error)
    }

    /// Creates an error of a type whose name is given.
    pub(crate) fn named(error_type: Cow<'static, str>, error: BoxError) -> Self {
        match error.downcast::<Repr>() {
            Ok(repr) => Self(*repr),
            Err(error) => Self::returned(ReturnedError::new(error_type, error)),
        }
    }

    pub(super) fn from_operation(operation: FailedOperation, compensations: Vec<Self>) -> Self {
        Self::of(Origin::Operation(operation, compensations))
    }

    fn returned(error: ReturnedError) -> Self {
        Self::of(Origin::Returned(error))
    }

    fn of(origin: Origin) -> Self {
        Self(Repr(Arc::new(Inner { origin, typed: OnceLock::new() })))
    }

    fn operation(&self) -> Option<&FailedOperation> {
        match &self.0.0.origin {
            Origin::Operation(operation, _) => Some(operation),
            Origin::Returned(_) => None,
        }
    }

    fn failure(&self) -> &ErrorObject {
        self.operation().map_or_else(|| self.as_error_object(), FailedOperation::failure)
    }

    fn is_whole<E: DurableError>(&self) -> bool {
        self.data().is_some() && self.error_type() == E::ERROR_TYPE
    }

    fn read<E: DurableError>(&self) -> Option<E> {
        let data = self.data().filter(|_| self.is_whole::<E>())?;
        serde_json::from_str(data).ok()
    }
}

// An error that contains an error recorded in full needs a name of its own to be recorded in full itself. The derive
// removes `Unpin` from its type, and thereby from every type that contains it, so that `?` does not compile for those
// without a name.
impl<E: StdError + Send + Sync + Unpin + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self::returned(ReturnedError::new(type_label::<E>(), Box::new(error)))
    }
}

impl From<Error> for BoxError {
    fn from(error: Error) -> Self {
        Box::new(error.0)
    }
}

impl Deref for Error {
    type Target = dyn StdError + Send + Sync + 'static;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl AsRef<dyn StdError + Send + Sync> for Error {
    fn as_ref(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &self.0
    }
}

impl PartialEq for Error {
    /// Compares the records of the errors and their operations.
    fn eq(&self, other: &Self) -> bool {
        let operation =
            |error: &Self| error.operation().map(|it| (it.kind, it.name.clone(), it.id, it.status.clone()));
        operation(self) == operation(other) && self.as_error_object() == other.as_error_object()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Repr {
    fn as_error(&self) -> Error {
        Error(self.clone())
    }
}

impl StdError for Repr {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.origin {
            Origin::Returned(returned) => returned.original.source(),
            Origin::Operation(..) => None,
        }
    }
}

impl fmt::Display for Repr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.origin {
            Origin::Returned(returned) => fmt::Display::fmt(&returned.original, f),
            Origin::Operation(operation, _) => fmt::Display::fmt(operation, f),
        }
    }
}

impl fmt::Debug for Repr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.as_error();
        let mut debug = f.debug_struct("Error");
        if let Some(operation) = error.operation() {
            debug.field("operation_kind", &operation.kind);
            debug.field("operation_name", &operation.name);
            debug.field("status", &operation.status);
        }
        debug.field("error_type", &error.error_type()).field("message", &error.message());
        if !error.failed_compensations().is_empty() {
            debug.field("failed_compensations", &error.failed_compensations());
        }
        debug.finish_non_exhaustive()
    }
}

/// Returns the record of the SDK's error that an error wraps, if there is one.
fn wrapped_record(error: &(dyn StdError + 'static)) -> Option<ErrorObject> {
    let wrapped = chain(error).find_map(|error| error.downcast_ref::<Repr>())?;
    Some(wrapped.as_error().to_error_object())
}
