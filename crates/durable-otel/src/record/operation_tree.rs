//! The operations of an execution as a tree of JSON objects.

use std::collections::HashMap;

use durable_core::plugin::{OperationInfo, Operations};
use durable_types::{SmallString, Timestamp};
use serde_json::{Map, Value, json};

/// The operations inside each context, with their ids; those at the top level are inside none.
type Children<'o> = HashMap<Option<&'o SmallString>, Vec<(&'o SmallString, Map<String, Value>)>>;

/// Builds the tree of operations, as far as they fit into a number of bytes. Returns how many do not.
///
/// Operations are included in the order in which they started, so those that are omitted are the last ones.
pub(super) fn operation_tree(operations: &Operations, max_bytes: usize) -> (Vec<Value>, usize) {
    let mut children = Children::new();
    let (mut bytes, mut included) = (0_usize, 0_usize);
    for operation in operations.iter() {
        let object = object(operation);
        // A comma, and the member that contains the operations inside.
        bytes = bytes.saturating_add(Value::Object(object.clone()).to_string().len()).saturating_add(20);
        if bytes > max_bytes {
            break;
        }
        included = included.saturating_add(1);
        let parent = operation.parent_id.as_ref().filter(|parent| operations.get(parent).is_some());
        children.entry(parent).or_default().push((&operation.id, object));
    }
    (take(&mut children, None), operations.len().saturating_sub(included))
}

/// Takes the operations inside a context, with those inside them.
fn take<'o>(children: &mut Children<'o>, parent: Option<&'o SmallString>) -> Vec<Value> {
    let inside = children.remove(&parent).unwrap_or_default();
    inside
        .into_iter()
        .map(|(id, mut object)| {
            let inside = take(children, Some(id));
            if !inside.is_empty() {
                object.insert("operations".to_owned(), inside.into());
            }
            Value::Object(object)
        })
        .collect()
}

fn object(operation: &OperationInfo) -> Map<String, Value> {
    let time = |at: Option<Timestamp>| at.map(|at| Value::String(at.to_string()));
    let members = [
        ("id", Some(operation.id.as_str().into())),
        ("name", operation.name.as_deref().map(Value::from)),
        ("type", Some(operation.operation_type.to_string().into())),
        ("subType", operation.sub_type.as_deref().map(Value::from)),
        ("status", Some(operation.status.to_string().into())),
        ("startTimestamp", time(operation.start_timestamp)),
        ("endTimestamp", time(operation.end_timestamp)),
        ("attempts", operation.attempt.map(Value::from)),
        ("error", operation.error.as_ref().map(|error| json!(error))),
    ];
    members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}
