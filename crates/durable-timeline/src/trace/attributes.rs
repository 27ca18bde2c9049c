//! Attributes of spans.

use std::fmt;

use durable_trace::attribute;

use crate::span::OperationSpan;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// Text.
    Text(Box<str>),
    /// A number.
    Number(i64),
    /// A truth value.
    Bool(bool),
}

/// The attributes of a span.
pub(super) type Attributes = Vec<(&'static str, AttributeValue)>;

/// Returns the attributes that identify an operation.
pub(super) fn of_operation(operation: &OperationSpan, name: Option<&str>) -> Attributes {
    let mut attributes = vec![
        (attribute::OPERATION_ID, operation.id.as_str().into()),
        (attribute::OPERATION_TYPE, operation.operation_type.to_string().into()),
    ];
    let sub_type =
        operation.sub_type.as_deref().map(|sub_type| (attribute::OPERATION_SUB_TYPE, sub_type.into()));
    attributes.extend(sub_type);
    attributes.extend(name.map(|name| (attribute::OPERATION_NAME, name.into())));
    attributes
}

impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for AttributeValue {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<u32> for AttributeValue {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for AttributeValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Bool(value) => write!(f, "{value}"),
        }
    }
}
