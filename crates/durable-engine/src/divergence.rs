//! How replay and code differ, told so that the author finds the place.

use std::fmt::Write as _;

use durable_types::{Operation, OperationType};

const LISTED: usize = 8;

/// An operation as a message names it.
pub(crate) struct Named<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) sub_type: &'a str,
}

impl<'a> Named<'a> {
    fn recorded(operation: &'a Operation) -> Self {
        Self {
            name: operation.name.as_deref(),
            sub_type: operation.sub_type.as_deref().unwrap_or(operation.operation_type.as_str()),
        }
    }
}

/// Says which recorded operations nobody claimed, and which new ones wait in their place.
pub(crate) fn report<'a>(
    unclaimed: impl Iterator<Item = &'a Operation>,
    waiting: impl Iterator<Item = Named<'a>>,
) -> String {
    let mut text =
        String::from("the code does not fit what is recorded of this execution: recorded but not reached: ");
    list(&mut text, unclaimed.map(Named::recorded));
    text.push_str("; reached but not recorded: ");
    list(&mut text, waiting);
    text.push_str(
        "; operations of a running execution must not be renamed, removed or replaced: \
         let executions finish on the version of the function they began with",
    );
    text
}

/// Says that the record under an id is of another kind than the code asks for.
pub(crate) fn mismatch(claimed: &Named<'_>, claimed_type: &OperationType, recorded: &Operation) -> String {
    let Named { name, sub_type } = claimed;
    format!(
        "operation `{}` was recorded as a {} ({}) but the code asks for a {claimed_type} ({sub_type})",
        name.unwrap_or_default(),
        recorded.operation_type,
        recorded.sub_type.as_deref().unwrap_or("no subtype"),
    )
}

fn list<'a>(text: &mut String, operations: impl Iterator<Item = Named<'a>>) {
    let mut count: usize = 0;
    for Named { name, sub_type } in operations {
        count += 1;
        if count > LISTED {
            continue;
        }
        let separator = if count == 1 { "" } else { ", " };
        // Writing to a String cannot fail.
        let _ = match name {
            Some(name) => write!(text, "{separator}{sub_type} `{name}`"),
            None => write!(text, "{separator}{sub_type} without a name"),
        };
    }
    match count.checked_sub(LISTED) {
        Some(more @ 1..) => _ = write!(text, " and {more} more"),
        _ if count == 0 => text.push_str("none"),
        _ => {}
    }
}
