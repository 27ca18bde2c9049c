//! The ARN of a durable execution.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::MAX_EXECUTION_ARN_LENGTH;
use crate::version::is_version;

/// The ARN of a durable execution: its function with a version, its name and its id.
///
/// ```
/// use durable_types::DurableExecutionArn;
///
/// let arn: DurableExecutionArn =
///     "arn:aws:lambda:eu-west-1:123456789012:function:order:7/durable-execution/order-42/0b1c".parse()?;
///
/// assert_eq!(arn.function_name(), "order");
/// assert_eq!(arn.version(), "7");
/// assert_eq!(arn.execution_name(), "order-42");
/// assert_eq!(arn.function_arn(), "arn:aws:lambda:eu-west-1:123456789012:function:order:7");
/// # Ok::<(), durable_types::InvalidArn>(())
/// ```
///
/// # Invariants
/// - It has exactly seven colons and three slashes at the positions that the Lambda API defines, so that every
///   part is found by counting them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DurableExecutionArn(Box<str>);

impl DurableExecutionArn {
    /// Creates the ARN of an execution from the qualified ARN of its function.
    pub fn new(function_arn: &str, execution_name: &str, execution_id: &str) -> Result<Self, InvalidArn> {
        format!("{function_arn}/durable-execution/{execution_name}/{execution_id}").parse()
    }

    /// Returns the ARN as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the partition, such as `aws`.
    pub fn partition(&self) -> &str {
        self.field(1)
    }

    /// Returns the region, such as `eu-west-1`.
    pub fn region(&self) -> &str {
        self.field(3)
    }

    /// Returns the account, 12 digits.
    pub fn account_id(&self) -> &str {
        self.field(4)
    }

    /// Returns the name of the function.
    pub fn function_name(&self) -> &str {
        self.field(6)
    }

    /// Returns the version of the function: a number, `$LATEST` or `$LATEST.PUBLISHED`.
    pub fn version(&self) -> &str {
        self.field(7).split('/').next().unwrap_or_default()
    }

    /// Returns the name of the execution, given at its start or generated.
    pub fn execution_name(&self) -> &str {
        self.0.split('/').nth(2).unwrap_or_default()
    }

    /// Returns the id of the execution, which is also the id of its EXECUTION operation.
    pub fn execution_id(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the qualified ARN of the function.
    pub fn function_arn(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    fn field(&self, index: usize) -> &str {
        self.0.split(':').nth(index).unwrap_or_default()
    }
}

impl FromStr for DurableExecutionArn {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        if text.len() > MAX_EXECUTION_ARN_LENGTH || !is_execution_arn(text) {
            return Err(InvalidArn);
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for DurableExecutionArn {
    type Error = InvalidArn;

    fn try_from(text: String) -> Result<Self, InvalidArn> {
        text.parse()
    }
}

impl From<DurableExecutionArn> for String {
    fn from(arn: DurableExecutionArn) -> Self {
        arn.0.into()
    }
}

impl AsRef<str> for DurableExecutionArn {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for DurableExecutionArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for DurableExecutionArn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DurableExecutionArn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = DurableExecutionArn;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the ARN of a durable execution")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<DurableExecutionArn, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// The error for a string that is not the ARN of a durable execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidArn;

impl fmt::Display for InvalidArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "not the ARN of a durable execution; expected arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME:VERSION\
             /durable-execution/EXECUTION_NAME/EXECUTION_ID, where VERSION is a number or $LATEST",
        )
    }
}

impl std::error::Error for InvalidArn {}

fn is_execution_arn(text: &str) -> bool {
    let mut parts = text.split('/');
    let (Some(function), Some("durable-execution"), Some(name), Some(id), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    is_function_arn(function) && is_word(name) && is_word(id)
}

/// Returns whether this is the qualified ARN of a function, as contained in the ARN of an execution.
fn is_function_arn(text: &str) -> bool {
    let mut parts = text.splitn(8, ':');
    let mut next = || parts.next().unwrap_or_default();
    next() == "arn"
        && is_dashed(next())
        && next() == "lambda"
        && is_dashed(next())
        && is_account_id(next())
        && next() == "function"
        && is_word(next())
        && is_version(next())
}

/// Returns whether the text matches `[a-zA-Z0-9_-]+`.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// Returns whether the text matches `[a-zA-Z0-9-]+`.
fn is_dashed(text: &str) -> bool {
    is_word(text) && !text.contains('_')
}

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
