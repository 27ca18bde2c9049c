//! What the expansion of `#[durable::step]` needs; not for use by hand.

use std::error::Error as StdError;
use std::marker::PhantomData;

use serde::Serialize;

use crate::error::type_label;
use crate::{BoxError, Error};

/// Picks the best conversion that an error type allows: call `(&&&Probe::<E>::NEW).convert(error)` with
/// [`Typed`], [`Plain`] and [`Fallback`] in scope.
pub struct Probe<E>(PhantomData<fn(E)>);

impl<E> Probe<E> {
    /// A probe of this type.
    pub const NEW: Self = Self(PhantomData);
}

/// Errors that are recorded whole.
pub trait Typed<E> {
    /// Converts the error.
    fn convert(&self, error: E) -> Error;
}

/// Errors that are recorded by type and message.
pub trait Plain<E> {
    /// Converts the error.
    fn convert(&self, error: E) -> Error;
}

/// Everything else that `?` takes: [`Error`] itself, boxed errors, texts.
pub trait Fallback<E> {
    /// Converts the error.
    fn convert(&self, error: E) -> Error;
}

impl<E: StdError + Serialize + Send + Sync + 'static> Typed<E> for &&Probe<E> {
    fn convert(&self, error: E) -> Error {
        Error::typed(error)
    }
}

impl<E: StdError + Send + Sync + 'static> Plain<E> for &Probe<E> {
    fn convert(&self, error: E) -> Error {
        Error::from(error)
    }
}

impl<E: Into<BoxError>> Fallback<E> for Probe<E> {
    fn convert(&self, error: E) -> Error {
        Error::named(type_label::<E>(), error.into())
    }
}
