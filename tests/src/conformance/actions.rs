//! What someone outside does with the callbacks of an execution.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::ser::Formatter;

use super::event_names::name;
use super::failure::Failure;
use super::requirement::{CallbackAction, CallbackOperation};
use super::value::is_found;

/// The actions that are still to be done.
pub(crate) struct Actions {
    unused: Vec<CallbackAction>,
    /// Whether there were any to begin with; if not, callbacks are left open.
    are_configured: bool,
    answered: BTreeSet<String>,
}

/// An action on a callback that has started.
#[derive(Debug, PartialEq)]
pub(crate) struct DueAction {
    pub(crate) callback_id: String,
    pub(crate) action: CallbackAction,
}

impl Actions {
    pub(crate) fn new(actions: Vec<CallbackAction>) -> Self {
        Self { are_configured: !actions.is_empty(), unused: actions, answered: BTreeSet::new() }
    }

    /// The actions for the callbacks that a history tells of and that are not answered yet, one for each.
    pub(crate) fn due(&mut self, history: &[Value]) -> Result<Vec<DueAction>, Failure> {
        let mut due = Vec::new();
        let is_start = |event: &&Value| event.get("EventType").is_some_and(|it| it == "CallbackStarted");
        for event in history.iter().filter(is_start) {
            let callback_id = event.pointer("/CallbackStartedDetails/CallbackId").and_then(Value::as_str);
            let callback_id = callback_id.ok_or_else(|| Failure::new("a callback has no id"))?;
            if !self.are_configured || self.answered.contains(callback_id) {
                continue;
            }
            let action = self.take(name(event, history).and_then(Value::as_str).unwrap_or_default())?;
            if action.operation != CallbackOperation::Heartbeat {
                self.answered.insert(callback_id.to_owned());
            }
            due.push(DueAction { callback_id: callback_id.to_owned(), action });
        }
        Ok(due)
    }

    fn take(&mut self, name: &str) -> Result<CallbackAction, Failure> {
        for (index, action) in self.unused.iter().enumerate() {
            if is_meant(&action.callback_name, name)? {
                return Ok(self.unused.remove(index));
            }
        }
        Err(Failure::new(format!("no action is left for the callback `{name}`")))
    }
}

fn is_meant(pattern: &str, name: &str) -> Result<bool, Failure> {
    match pattern.strip_prefix("${/").and_then(|rest| rest.strip_suffix("/}")) {
        Some(expression) => is_found(expression, &Value::String(name.to_owned())),
        None => Ok(pattern == "*" || pattern == name),
    }
}

/// A payload as Python's `json.dumps` writes it, which is what AWS's runner sends.
pub(crate) fn payload(value: &Value) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Spaced);
    serde::Serialize::serialize(value, &mut serializer).map_err(|error| Failure::of("a payload", &error))?;
    String::from_utf8(bytes).map_err(|error| Failure::of("a payload", &error))
}

/// Writes a space after every comma and colon.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: std::io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: std::io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: std::io::Write + ?Sized>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn action(name: &str, operation: CallbackOperation) -> CallbackAction {
        CallbackAction { callback_name: name.to_owned(), operation, payload: None, delay: 0.0 }
    }

    fn started(name: &str, callback_id: &str) -> Value {
        json!({
            "EventType": "CallbackStarted",
            "Name": name,
            "CallbackStartedDetails": {"CallbackId": callback_id},
        })
    }

    fn ids(due: &[DueAction]) -> Vec<&str> {
        due.iter().map(|due| due.callback_id.as_str()).collect()
    }

    #[test]
    fn a_callback_is_answered_once_by_the_first_action_that_is_meant_for_it() {
        let success = |name| action(name, CallbackOperation::Success);
        let mut actions = Actions::new(vec![success("b"), success("${/^a/}"), success("*")]);
        let history = [started("abc", "1"), started("b", "2"), started("c", "3")];

        let due = actions.due(&history).unwrap();

        assert_eq!(ids(&due), ["1", "2", "3"]);
        assert_eq!(due[0].action.callback_name, "${/^a/}");
        assert_eq!(actions.due(&history).unwrap(), []);
    }

    #[test]
    fn a_heartbeat_leaves_the_callback_open_for_the_next_action() {
        let mut actions = Actions::new(vec![
            action("a", CallbackOperation::Heartbeat),
            action("a", CallbackOperation::Success),
        ]);
        let history = [started("a", "1")];

        let first = actions.due(&history).unwrap();
        let second = actions.due(&history).unwrap();

        assert_eq!(first[0].action.operation, CallbackOperation::Heartbeat);
        assert_eq!(second[0].action.operation, CallbackOperation::Success);
        assert_eq!(actions.due(&history).unwrap(), []);
    }

    #[test]
    fn callbacks_stay_open_if_there_are_no_actions_but_not_if_none_is_meant() {
        let history = [started("a", "1")];

        assert_eq!(Actions::new(Vec::new()).due(&history).unwrap(), []);
        assert!(Actions::new(vec![action("b", CallbackOperation::Success)]).due(&history).is_err());
    }

    #[test]
    fn a_callback_without_a_name_has_that_of_the_wait_it_is_for() {
        let history = [
            json!({"EventType": "ContextStarted", "SubType": "WaitForCallback", "Id": "x", "Name": "approval"}),
            json!({
                "EventType": "CallbackStarted",
                "ParentId": "x",
                "CallbackStartedDetails": {"CallbackId": "1"},
            }),
        ];

        let due = Actions::new(vec![action("approval", CallbackOperation::Success)]).due(&history).unwrap();

        assert_eq!(ids(&due), ["1"]);
    }

    #[test]
    fn a_payload_is_written_with_spaces() {
        let text = payload(&json!({"a": [1, "x"], "b": {}})).unwrap();

        assert_eq!(text, r#"{"a": [1, "x"], "b": {}}"#);
    }
}
