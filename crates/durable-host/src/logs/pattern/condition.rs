//! What a line that is JSON must hold.

use serde_json::Value;

/// What must hold.
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

/// A part of the way to a member.
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

/// What a member is compared with. In a text, a star stands for any characters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    Text(String),
    Number(f64),
}

impl Condition {
    /// Whether it holds for this value.
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
            Operator::Equal => fits(pattern, text),
            Operator::NotEqual => !fits(pattern, text),
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
        // A number in a text is compared as text.
        (Operand::Number(number), Value::String(text)) => compare(
            &text.parse::<f64>().map_or(Value::Null, Value::from),
            operator,
            &Operand::Number(*number),
        ),
        (Operand::Text(_) | Operand::Number(_), _) => operator == Operator::NotEqual,
    }
}

/// Whether a text fits a pattern in which stars stand for any characters.
fn fits(pattern: &str, text: &str) -> bool {
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
