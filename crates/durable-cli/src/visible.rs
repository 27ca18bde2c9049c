//! Makes text of functions and clients safe for a terminal, by escaping control characters.
//!
//! Views for people (messages, logs, histories) pass through [`visible`] wherever they go, because they also reach
//! terminals through pagers and files. Data (results and JSON) is exact, unless it is written to a terminal.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::Value;

/// Replaces control characters with visible escapes, such as `\x1b`. Line breaks and tabs stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    replace(text, |escaped, character| match u32::from(character) {
        code @ ..0x100 => write!(escaped, "\\x{code:02x}"),
        code => write!(escaped, "\\u{{{code:x}}}"),
    })
}

/// The same for the text of a JSON value: it uses JSON's own escapes, so the value stays the same.
pub(crate) fn visible_json(text: &str) -> Cow<'_, str> {
    replace(text, |escaped, character| write!(escaped, "\\u{:04x}", u32::from(character)))
}

/// Makes all strings within a value visible.
pub(crate) fn visible_value(value: &Value) -> Value {
    match value {
        Value::String(text) => visible(text).into(),
        Value::Array(values) => values.iter().map(visible_value).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (visible(name).into_owned(), visible_value(value))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Returns whether a terminal obeys a character instead of showing it: C0 and C1 controls, DEL, and the characters that
/// reorder the text around them.
fn is_obeyed(character: char) -> bool {
    let is_control = character.is_control() && !matches!(character, '\n' | '\t');
    is_control || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn replace(text: &str, escape: impl Fn(&mut String, char) -> std::fmt::Result) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_obeyed(character) {
            // Writing to a string does not fail.
            let _ = escape(&mut escaped, character);
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_becomes_visible() {
        assert_eq!(visible("\x1b[2J\x07\x08\r\x7f\u{9b}1m"), r"\x1b[2J\x07\x08\x0d\x7f\x9b1m");
        assert_eq!(visible("\u{202e}\u{2066}"), r"\u{202e}\u{2066}");
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        let text = "Grüße\n\tשלום 👋\u{200d}\u{a0}";

        assert!(matches!(visible(text), Cow::Borrowed(borrowed) if borrowed == text));
    }

    #[test]
    fn names_and_values_at_any_depth_become_visible() {
        let value = json!({ "a\x1b": [1, { "b": "\u{202e}" }, null] });

        assert_eq!(visible_value(&value), json!({ "a\\x1b": [1, { "b": "\\u{202e}" }, null] }));
    }

    proptest! {
        #[test]
        fn json_keeps_its_value(text: String) {
            let json = Value::from(format!("{text}\x7f\u{9b}\u{202e}")).to_string();

            let shown = visible_json(&json);

            prop_assert!(!shown.contains(is_obeyed));
            prop_assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), serde_json::from_str::<Value>(&json).unwrap());
        }
    }
}
