//! Results that are discarded.

use super::context::SerdesContext;
use super::value::DeserializeValue;
use crate::error::BoxError;

/// Deserializes any text as `()`.
pub(crate) struct Ignored;

impl DeserializeValue<()> for Ignored {
    async fn deserialize(&self, _: &str, _: SerdesContext<'_>) -> Result<(), BoxError> {
        Ok(())
    }
}
