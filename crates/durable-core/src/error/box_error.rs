//! The boxed form of any error.

use std::error::Error as StdError;

/// A boxed error of any type.
pub type BoxError = Box<dyn StdError + Send + Sync>;
