//! Conditions on JSON lines.

use serde_json::Value;

/// A condition on a JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Compare { path: Vec<Key>, operator: Operator, operand: Operand },
    IsTrue(Vec<Key>),
    IsFalse(Vec<Key>),
    IsNull(Vec<Key>),
    NotExists(Vec<Key>),
}

/// A segment of the path to a JSON property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Member(String),
    Element(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The right-hand side of a comparison. In text, an asterisk matches any characters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    Text(String),
    Number(f64),
}

impl Condition {
    /// Returns whether a value satisfies the condition.
    pub(super) fn holds(&self, value: &Value) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(value)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(value)),
            Self::Compare { path, operator, operand } => {
                member(value, path).is_some_and(|member| compare(member, *operator, operand))
            }
            Self::IsTrue(path) => member(value, path) == Some(&Value::Bool(true)),
            Self::IsFalse(path) => member(value, path) == Some(&Value::Bool(false)),
            Self::IsNull(path) => member(value, path) == Some(&Value::Null),
            Self::NotExists(path) => member(value, path).is_none(),
        }
    }
}

fn member<'v>(value: &'v Value, path: &[Key]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| match key {
        Key::Member(name) => value.get(name),
        Key::Element(index) => value.get(index),
    })
}

fn compare(member: &Value, operator: Operator, operand: &Operand) -> bool {
    match (operand, member) {
        (Operand::Text(pattern), Value::String(text)) => match operator {
            Operator::Equal => matches_wildcard(pattern, text),
            Operator::NotEqual => !matches_wildcard(pattern, text),
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => false,
        },
        (Operand::Number(number), Value::Number(member)) => {
            member.as_f64().is_some_and(|member| match operator {
                Operator::Equal => member == *number,
                Operator::NotEqual => member != *number,
                Operator::Less => member < *number,
                Operator::LessOrEqual => member <= *number,
                Operator::Greater => member > *number,
                Operator::GreaterOrEqual => member >= *number,
            })
        }
        // A property that contains a number as text is compared numerically.
        (Operand::Number(number), Value::String(text)) => compare(
            &text.parse::<f64>().map_or(Value::Null, Value::from),
            operator,
            &Operand::Number(*number),
        ),
        (Operand::Text(_) | Operand::Number(_), _) => operator == Operator::NotEqual,
    }
}

/// Returns whether text matches a pattern in which asterisks match any characters.
fn matches_wildcard(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(head) else { return false };
    let mut text = text;
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return text.ends_with(part);
        }
        let Some(found) = text.find(part) else { return false };
        text = text.get(found.saturating_add(part.len())..).unwrap_or_default();
    }
    true
}
