//! A batch result as one serializable value, for a serdes that records it and for handlers that return it.

use durable_engine::CompletionReason;
use durable_types::{ErrorObject, OperationStatus};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::record::failed_status;
use super::result::{BatchItem, BatchResult};
use crate::error::{OperationKind, Subject};

/// The serialized shape of a batch, which is that of its record.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whole<T> {
    all: Vec<Item<T>>,
    completion_reason: String,
}

#[derive(Serialize, Deserialize)]
struct Item<T> {
    index: usize,
    name: Option<String>,
    status: OperationStatus,
    result: Option<T>,
    error: Option<ErrorObject>,
}

impl<T: Serialize> Serialize for BatchResult<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = self.iter().map(Item::of).collect();
        Whole { all, completion_reason: self.completion_reason().as_str().to_owned() }.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for BatchResult<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Whole { all, completion_reason } = Whole::deserialize(deserializer)?;
        let unknown = || D::Error::custom(format!("unknown reason for completion: {completion_reason}"));
        let reason = CompletionReason::parse(&completion_reason).ok_or_else(unknown)?;
        let items = all.into_iter().map(Item::read).collect::<Result<_, _>>()?;
        Ok(Self::new(items, reason))
    }
}

impl<'b, T> Item<&'b T> {
    fn of(item: &'b BatchItem<T>) -> Self {
        let (status, result, error) = match &item.result {
            None => (OperationStatus::Started, None, None),
            Some(Ok(value)) => (OperationStatus::Succeeded, Some(value), None),
            Some(Err(error)) => (failed_status(error), None, Some(error.as_error_object().clone())),
        };
        Self { index: item.index, name: item.name.clone(), status, result, error }
    }
}

impl<'de, T: Deserialize<'de>> Item<T> {
    fn read<E: Error>(self) -> Result<BatchItem<T>, E> {
        let Self { index, name, status, result, error } = self;
        let result = match (status, result) {
            (OperationStatus::Started, _) => None,
            (OperationStatus::Succeeded, Some(value)) => Some(Ok(value)),
            // A value that serializes as `null` differs from a missing value only by its status.
            (OperationStatus::Succeeded, None) => Some(Ok(T::deserialize(Value::Null).map_err(E::custom)?)),
            (status, _) => {
                let subject = Subject::new(OperationKind::ChildContext, name.as_deref());
                Some(Err(subject.ended(status, error.unwrap_or_default())))
            }
        };
        Ok(BatchItem { index, name, result })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch<T>(results: Vec<Option<crate::error::Result<T>>>) -> BatchResult<T> {
        let item = |(index, result)| BatchItem::new(index, Some(format!("item {index}")), result);
        let items = results.into_iter().enumerate().map(item).collect();
        BatchResult::new(items, CompletionReason::FailureToleranceExceeded)
    }

    #[test]
    fn a_batch_reads_back_with_all_that_became_of_its_items() {
        let error = ErrorObject::new("Declined", "no").with_data("7");
        let failed =
            Subject::new(OperationKind::ChildContext, Some("item 1")).ended(OperationStatus::TimedOut, error);
        let batch = batch(vec![Some(Ok(Some(1))), Some(Err(failed)), None, Some(Ok(None))]);

        let text = serde_json::to_string(&batch).unwrap();

        assert_eq!(serde_json::from_str::<BatchResult<Option<u32>>>(&text).unwrap(), batch);
    }

    #[test]
    fn a_success_without_a_value_is_none_unless_nothing_is_a_value() {
        let text = r#"{"all":[{"index":0,"status":"SUCCEEDED"}],"completionReason":"ALL_COMPLETED"}"#;

        assert!(serde_json::from_str::<BatchResult<()>>(text).is_ok());
        assert!(serde_json::from_str::<BatchResult<u32>>(text).is_err());
    }
}
