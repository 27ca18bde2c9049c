//! How a whole batch is recorded, given how its items are.

use durable_types::ErrorObject;

use super::outcome::Outcome;
use super::record::{BatchRecord, Started, record};
use super::result::BatchResult;
use crate::BoxError;
use crate::serdes::{Serdes, SerdesContext, from_json, to_json};

/// Records the results of a batch side by side, each as its serdes writes it.
pub(crate) struct BatchSerdes<S>(pub(crate) S);

impl<T: Send + Sync, S: Serdes<T>> Serdes<BatchResult<T>> for BatchSerdes<S> {
    async fn serialize(
        &self,
        batch: &BatchResult<T>,
        context: SerdesContext<'_>,
    ) -> Result<String, BoxError> {
        let mut items: Vec<Started<()>> = Vec::with_capacity(batch.len());
        for item in batch.iter() {
            let outcome = match &item.result {
                None => None,
                Some(Ok(value)) => Some(Outcome::succeeded(self.0.serialize(value, context).await?, ())),
                Some(Err(error)) => Some(Outcome::Failed(error.clone())),
            };
            items.push((item.name.clone(), outcome));
        }
        to_json(&record(&items, batch.completion_reason(), S::WRITES_JSON)).map_err(unwritable)
    }

    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<BatchResult<T>, BoxError> {
        let record: BatchRecord = from_json(Some(text)).map_err(unwritable)?;
        record.read(&self.0, context).await.map_err(unwritable)
    }
}

fn unwritable(error: ErrorObject) -> BoxError {
    error.error_message.unwrap_or_default().into()
}
