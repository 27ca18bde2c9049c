//! Deserialization of nulls that AWS's services and runners write for absent values.

use serde::{Deserialize, Deserializer};

/// Deserializes a value; null is its default.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
