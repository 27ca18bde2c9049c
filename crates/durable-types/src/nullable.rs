//! Reading a null where AWS's services and runners write one for nothing.

use serde::{Deserialize, Deserializer};

/// Reads a value; null is its default.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
