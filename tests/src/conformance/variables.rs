//! The variables of a requirement: made when it begins, or bound by what is found.

use std::collections::BTreeMap;

use serde_json::Value;

use super::value::text;

/// The variables of a requirement by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables(BTreeMap<String, Value>);

impl Variables {
    /// Makes the values that a requirement asks for: `${GEN_STR:n}` is n random letters and digits.
    pub(crate) fn generate(definitions: &BTreeMap<String, Value>) -> Self {
        let value = |definition: &Value| {
            let text = definition.as_str().and_then(|text| text.strip_prefix("${GEN_STR:"));
            let length = text.and_then(|rest| rest.strip_suffix('}')?.parse().ok());
            length.map_or_else(|| definition.clone(), |length| Value::String(random_text(length)))
        };
        Self(definitions.iter().map(|(name, definition)| (name.clone(), value(definition))).collect())
    }

    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(crate) fn bind(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Replaces variables in a value, wherever they stand.
    pub(crate) fn substitute(&self, value: &Value) -> Value {
        match value {
            Value::String(pattern) => match whole(pattern).and_then(|name| self.value(name)) {
                Some(value) => value.clone(),
                None => Value::String(self.substitute_text(pattern)),
            },
            Value::Array(items) => items.iter().map(|item| self.substitute(item)).collect(),
            Value::Object(members) => {
                let member = |(key, value): (&String, &Value)| (key.clone(), self.substitute(value));
                Value::Object(members.iter().map(member).collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// Replaces variables in a text; those that are not bound stay.
    pub(crate) fn substitute_text(&self, pattern: &str) -> String {
        let replace = |known: String, (name, value): (&String, &Value)| {
            known.replace(&format!("${{{name}}}"), &text(value))
        };
        self.0.iter().fold(pattern.to_owned(), replace)
    }
}

/// The name of the variable, if the text is one and nothing else.
pub(crate) fn whole(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    let is_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

fn random_text(length: usize) -> String {
    let mut random = fastrand::Rng::new();
    std::iter::repeat_with(|| random.alphanumeric().to_ascii_lowercase()).take(length).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn variables(pairs: &[(&str, Value)]) -> Variables {
        Variables(pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    #[test]
    fn a_generated_text_has_its_length_and_small_letters_and_digits() {
        let definitions = BTreeMap::from([("A".to_owned(), json!("${GEN_STR:12}"))]);

        let variables = Variables::generate(&definitions);

        let text = variables.value("A").and_then(Value::as_str).unwrap();
        assert_eq!(text.len(), 12);
        assert!(text.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit()));
    }

    #[test]
    fn a_value_that_is_given_is_kept_with_its_type() {
        let definitions = BTreeMap::from([("N".to_owned(), json!(1)), ("S".to_owned(), json!("x"))]);

        let variables = Variables::generate(&definitions);

        assert_eq!(variables.substitute(&json!(["${N}", "${S}"])), json!([1, "x"]));
    }

    #[test]
    fn a_variable_alone_keeps_its_type_and_one_within_a_text_becomes_text() {
        let variables = variables(&[("N", json!(7)), ("S", json!("x"))]);

        let value = variables.substitute(&json!({"a": ["${N}", "<${N}${S}>", "${OTHER}"]}));

        assert_eq!(value, json!({"a": [7, "<7x>", "${OTHER}"]}));
    }

    #[test]
    fn an_expression_is_no_variable() {
        assert_eq!(whole("${ID1}"), Some("ID1"));
        assert_eq!(whole("${/x/}"), None);
        assert_eq!(whole("a${ID1}"), None);
        assert_eq!(whole("${}"), None);
    }
}
