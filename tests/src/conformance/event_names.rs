//! The names of operations in a history.

use serde_json::Value;

/// The name of an operation; one without a name within a wait for a callback has the name of that.
pub(crate) fn name<'h>(event: &'h Value, history: &'h [Value]) -> Option<&'h Value> {
    event.get("Name").or_else(|| {
        let parent = event.get("ParentId")?;
        let is_parent = |event: &&Value| {
            event.get("Id") == Some(parent) && event.get("SubType").is_some_and(|it| it == "WaitForCallback")
        };
        history.iter().find(is_parent)?.get("Name")
    })
}

/// A history in which all operations have their names.
pub(crate) fn with_names(history: &[Value]) -> Vec<Value> {
    let named = |event: &Value| {
        let mut named = event.clone();
        if let (Some(members), Some(name)) = (named.as_object_mut(), name(event, history)) {
            members.insert("Name".to_owned(), name.clone());
        }
        named
    };
    history.iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_operation_without_a_name_within_a_wait_for_a_callback_has_the_name_of_that() {
        let history = [
            json!({"SubType": "WaitForCallback", "Id": "w", "Name": "approval"}),
            json!({"SubType": "RunInChildContext", "Id": "c", "Name": "child"}),
            json!({"ParentId": "w"}),
            json!({"ParentId": "w", "Name": "own"}),
            json!({"ParentId": "c"}),
            json!({}),
        ];

        let named = with_names(&history);

        let names: Vec<_> = named.iter().map(|event| event.get("Name").and_then(Value::as_str)).collect();
        assert_eq!(names, [Some("approval"), Some("child"), Some("approval"), Some("own"), None, None]);
    }
}
