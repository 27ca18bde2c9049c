//! The serdes of a batch, built from the serdes of its items.

use durable_types::ErrorObject;

use super::item::place_of;
use super::outcome::Outcome;
use super::record::{BatchRecord, Started, record};
use super::result::BatchResult;
use crate::error::BoxError;
use crate::serdes::{DeserializeValue, OperationSerdes, SerdesContext, SerializeValue, from_json, to_json};

/// Serializes a batch, either as the list of its serialized results or as one value.
///
/// Without a serdes for the whole batch, the record lists the results, each serialized with the serdes of the items.
/// With one, items are still recorded individually until the batch has ended.
pub(crate) struct BatchSerdes<'c, T> {
    pub(super) items: OperationSerdes<'c, T>,
    pub(crate) whole: Option<OperationSerdes<'c, BatchResult<T>>>,
    /// The subtype of the items.
    pub(super) sub_type: &'static str,
}

impl<'c, T> BatchSerdes<'c, T> {
    pub(crate) fn new(items: OperationSerdes<'c, T>, sub_type: &'static str) -> Self {
        Self { items, whole: None, sub_type }
    }
}

impl<T: Send + Sync> SerializeValue<BatchResult<T>> for BatchSerdes<'_, T> {
    async fn serialize(
        &self,
        batch: &BatchResult<T>,
        context: SerdesContext<'_>,
    ) -> Result<String, BoxError> {
        if let Some(whole) = &self.whole {
            return whole.serialize(batch, context).await;
        }
        let mut items: Vec<Started<()>> = Vec::with_capacity(batch.len());
        for item in batch.iter() {
            let outcome = match &item.result {
                None => None,
                Some(Ok(value)) => {
                    let context = context.item(self.sub_type, place_of(item.index), item.name.as_deref());
                    Some(Outcome::succeeded(self.items.serialize(value, context).await?, ()))
                }
                Some(Err(error)) => Some(Outcome::Failed(error.clone())),
            };
            items.push((item.name.clone(), outcome));
        }
        let record = record(&items, batch.completion_reason(), self.items.is_json());
        record.and_then(|record| to_json(&record)).map_err(boxed)
    }
}

impl<T: Send + Sync> DeserializeValue<BatchResult<T>> for BatchSerdes<'_, T> {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<BatchResult<T>, BoxError> {
        if let Some(whole) = &self.whole {
            return whole.deserialize(text, context).await;
        }
        let record: BatchRecord = from_json(Some(text)).map_err(boxed)?;
        record.read(&self.items, context, self.sub_type).await.map_err(boxed)
    }
}

fn boxed(error: ErrorObject) -> BoxError {
    error.error_message.unwrap_or_default().into()
}
