//! The record of a batch: all results, or only which items ended if the results are too large.

use durable_engine::CompletionReason;
use durable_types::{ErrorObject, OperationStatus};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::item::place_of;
use super::outcome::Outcome;
use super::result::{BatchItem, BatchResult};
use crate::error::{Error, OperationKind, Subject};
use crate::serdes::{Serdes, SerdesContext, deserialize};

/// All results of a batch.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BatchRecord {
    all: Vec<ItemRecord>,
    completion_reason: String,
}

#[derive(Serialize, Deserialize)]
struct ItemRecord {
    index: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    status: OperationStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    result: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<ErrorObject>,
}

/// Which items of a batch ended before it was complete; their results are in their own records.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Decision {
    #[serde(rename = "type")]
    record_type: String,
    pub(super) total_count: usize,
    success_count: usize,
    failure_count: usize,
    pub(super) started_indexes: Vec<usize>,
    pub(super) completion_reason: String,
}

/// An item that was started: its name, and its outcome if it has ended.
pub(super) type Started<T> = (Option<String>, Option<Outcome<T>>);

/// Returns the record of a batch whose items are serialized as JSON or as plain text.
///
/// # Errors
/// Returns an error if the serdes of the items declares its text to be JSON, but it is not.
pub(super) fn record<T>(
    items: &[Started<T>],
    reason: CompletionReason,
    is_json: bool,
) -> Result<BatchRecord, ErrorObject> {
    let record = |(index, (name, outcome)): (usize, &Started<T>)| {
        let (status, result, error) = match outcome {
            None => (OperationStatus::Started, None, None),
            Some(Outcome::Succeeded { text, .. }) => {
                (OperationStatus::Succeeded, Some(raw(text, is_json)?), None)
            }
            Some(Outcome::Failed(error)) => {
                (failed_status(error), None, Some(error.as_error_object().clone()))
            }
        };
        Ok(ItemRecord { index, name: name.clone(), status, result, error })
    };
    Ok(BatchRecord {
        all: items.iter().enumerate().map(record).collect::<Result<_, _>>()?,
        completion_reason: reason.as_str().to_owned(),
    })
}

/// Returns the decision to record instead if the results are too large.
pub(super) fn decision<T>(items: &[Started<T>], reason: CompletionReason, sub_type: &str) -> Decision {
    let ended = items.iter().filter_map(|(_, outcome)| outcome.as_ref());
    let success_count = ended.clone().filter(|outcome| outcome.is_succeeded()).count();
    let started = |(index, (_, outcome)): (usize, &Started<T>)| outcome.is_none().then_some(index);
    Decision {
        record_type: format!("{sub_type}Result"),
        total_count: items.len(),
        success_count,
        failure_count: ended.count() - success_count,
        started_indexes: items.iter().enumerate().filter_map(started).collect(),
        completion_reason: reason.as_str().to_owned(),
    }
}

impl BatchRecord {
    /// Reads the result of the batch from its record.
    pub(super) async fn read<T, S: Serdes<T>>(
        self,
        serdes: &S,
        batch: SerdesContext<'_>,
        sub_type: &'static str,
    ) -> Result<BatchResult<T>, ErrorObject> {
        let mut items = Vec::with_capacity(self.all.len());
        for item in self.all {
            let context = batch.item(sub_type, place_of(item.index), item.name.as_deref());
            let result = match item.status {
                OperationStatus::Started => None,
                OperationStatus::Succeeded => {
                    let text = text(item.result.as_deref(), serdes.is_json())?;
                    Some(Ok(deserialize(serdes, Some(&text), context).await?))
                }
                status => {
                    let subject = Subject::new(OperationKind::ChildContext, item.name.as_deref());
                    let subject = context.id().map_or(subject, |id| subject.with_id(id));
                    Some(Err(subject.ended(status, item.error.unwrap_or_default())))
                }
            };
            items.push(BatchItem { index: item.index, name: item.name, result });
        }
        Ok(BatchResult { items, reason: reason(&self.completion_reason)? })
    }
}

/// Returns the status of a failed item.
pub(super) fn failed_status(error: &Error) -> OperationStatus {
    error.status().cloned().unwrap_or(OperationStatus::Failed)
}

/// Parses the completion reason in a record.
pub(super) fn reason(word: &str) -> Result<CompletionReason, ErrorObject> {
    let unknown =
        || ErrorObject::new("SerdesError", format!("a batch was complete for an unknown reason: {word}"));
    CompletionReason::parse(word).ok_or_else(unknown)
}

/// Embeds a result in the record: unchanged if it is JSON, otherwise as a JSON string.
fn raw(text: &str, is_json: bool) -> Result<Box<RawValue>, ErrorObject> {
    let json = if is_json { Ok(text.to_owned()) } else { serde_json::to_string(text) };
    json.and_then(RawValue::from_string).map_err(|error| {
        let problem = "the serdes of the items says that it writes JSON, but wrote something else";
        ErrorObject::new("SerdesError", format!("{problem}: {error}"))
    })
}

fn text(raw: Option<&RawValue>, is_json: bool) -> Result<String, ErrorObject> {
    let raw = raw.map_or("null", RawValue::get);
    if is_json {
        return Ok(raw.to_owned());
    }
    let unread =
        |error| ErrorObject::new("SerdesError", format!("a result in a batch is not a text: {error}"));
    serde_json::from_str(raw).map_err(unread)
}
