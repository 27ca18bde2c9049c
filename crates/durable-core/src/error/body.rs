//! What handlers and the bodies of operations fail with.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use durable_types::ErrorObject;
use serde::Serialize;

use super::operation::{CallbackError, recorded_data};

/// Any error, the currency of `?`.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// The result of handlers and of the bodies of operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// `Ok` with the [`Error`] of this crate, for `async` blocks, whose error type Rust cannot guess.
///
/// ```
/// # use std::time::Duration;
/// # use durable_core::{DurableContext, Result};
/// # async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
/// let chain = async {
///     ctx.wait("settle", Duration::from_secs(60)).await?;
///     durable_core::Ok(7)
/// };
/// let number = chain.await?;
/// # Ok(number)
/// # }
/// ```
#[expect(non_snake_case, reason = "it stands where the variant would")]
pub fn Ok<T>(value: T) -> Result<T> {
    Result::Ok(value)
}

/// How many causes of an error are recorded.
const MAX_CAUSES: usize = 10;

/// Types of errors by which code is told why an operation failed.
const RESERVED: [&str; 2] = ["ConditionNotMetError", "StepInterruptedError"];

/// An error in a handler or in the body of an operation.
///
/// Every error type turns into it by `?`, those of other catch-alls by [`from_boxed`](Self::from_boxed). The name of the type and the messages, causes included, are what the
/// service records. With [`Error::typed`] the whole error is recorded, and an operation's error gives it back by
/// `downcast`, on replay too.
///
/// Like other catch-all errors it does not implement [`std::error::Error`] itself; it converts into a [`BoxError`].
pub struct Error {
    error_type: Cow<'static, str>,
    data: Option<String>,
    source: BoxError,
}

impl Error {
    /// An error that says this.
    ///
    /// ```
    /// # use durable_core::Error;
    /// let error = Error::msg("out of stock");
    /// assert_eq!(error.to_string(), "out of stock");
    /// ```
    pub fn msg(message: impl Into<String>) -> Self {
        Self { error_type: Cow::Borrowed("Error"), data: None, source: message.into().into() }
    }

    /// An error whose type nobody knows any more: a [`BoxError`], or that of another catch-all such as `anyhow`.
    ///
    /// `?` cannot convert those, because they are no [errors](std::error::Error) themselves.
    ///
    /// ```
    /// # use durable_core::{BoxError, DurableContext, Error, Result};
    /// async fn charge(cents: u64) -> Result<String, BoxError> {
    ///     Err(format!("{cents} is too much").into())
    /// }
    ///
    /// async fn handler(cents: u64, ctx: DurableContext) -> Result<String> {
    ///     let charge = async |_| charge(cents).await.map_err(Error::from_boxed);
    ///     Ok(ctx.step("charge", charge).await?)
    /// }
    /// ```
    pub fn from_boxed(error: impl Into<BoxError>) -> Self {
        Self::named(Cow::Borrowed("Error"), error.into())
    }

    /// An error that is recorded whole, as JSON, so that `downcast` gives it back.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Error, Result};
    /// # use serde::{Deserialize, Serialize};
    /// #[derive(Debug, Serialize, Deserialize)]
    /// struct Declined { code: u32 }
    /// # impl std::fmt::Display for Declined {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "declined ({})", self.code) }
    /// # }
    /// # impl std::error::Error for Declined {}
    ///
    /// async fn handler(_: (), ctx: DurableContext) -> Result<Option<u32>> {
    ///     let charged = ctx.step("charge", async |_| Err::<(), _>(Error::typed(Declined { code: 51 })));
    ///     let error = charged.await.err();
    ///     Ok(error.and_then(|error| error.downcast::<Declined>()).map(|declined| declined.code))
    /// }
    /// ```
    pub fn typed<E: StdError + Serialize + Send + Sync + 'static>(error: E) -> Self {
        let data = serde_json::to_string(&error).ok();
        Self { data, ..Self::from(error) }
    }

    /// The name of the type, as it is recorded.
    pub fn error_type(&self) -> &str {
        &self.error_type
    }

    /// The error that was given, if it is of this type.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.source.downcast_ref()
    }

    /// The error as the service records it.
    pub(crate) fn to_error_object(&self) -> ErrorObject {
        // What another system said of a callback is passed on in its own words.
        let said = self.downcast_ref::<CallbackError>().and_then(CallbackError::said);
        ErrorObject {
            error_message: Some(said.map_or_else(|| with_causes(self.source.as_ref()), str::to_owned)),
            error_type: Some(self.error_type.clone().into_owned()),
            error_data: self.data.clone().or_else(|| recorded_data(self.source.as_ref())),
            stack_trace: None,
        }
    }

    /// An error of a type whose name is known from elsewhere.
    pub(crate) fn named(error_type: Cow<'static, str>, source: BoxError) -> Self {
        match source.downcast::<Carried>() {
            Result::Ok(carried) => carried.0,
            Err(source) => Self { error_type, data: None, source },
        }
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self { error_type: type_label::<E>(), data: None, source: Box::new(error) }
    }
}

impl From<Error> for BoxError {
    fn from(error: Error) -> Self {
        Box::new(Carried(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.source, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, with_causes(self.source.as_ref()))
    }
}

/// An [`Error`] inside a [`BoxError`], from which it comes back whole.
#[derive(Debug)]
struct Carried(Error);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl StdError for Carried {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.source()
    }
}

/// The name of a type without its path and parameters.
pub(crate) fn type_label<T>() -> Cow<'static, str> {
    let path = std::any::type_name::<T>().split('<').next().unwrap_or_default();
    let label = path.rsplit("::").next().unwrap_or_default();
    match label {
        "" | "Box" | "dyn core::error::Error" => Cow::Borrowed("Error"),
        // Only the engine may say this of an error, so a type of a user is told by its module, too.
        label if RESERVED.contains(&label) => {
            let module = path.rmatch_indices("::").nth(1).and_then(|(at, _)| path.get(at + 2..));
            Cow::Borrowed(module.unwrap_or(path))
        }
        label => Cow::Borrowed(label),
    }
}

/// The message of an error and of its causes, those left out that the message tells already.
pub(crate) fn with_causes(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    for cause in chain(error).skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// An error and its causes, as many of them as are recorded.
pub(super) fn chain<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
    .take(MAX_CAUSES + 1)
}
