//! Results that are of no interest.

use super::{DeserializeValue, SerdesContext};
use crate::error::BoxError;

/// Reads every text as nothing.
pub(crate) struct Ignored;

impl DeserializeValue<()> for Ignored {
    async fn deserialize(&self, _: &str, _: SerdesContext<'_>) -> Result<(), BoxError> {
        Ok(())
    }
}
