//! The name of an operation, or that it has none.

use std::borrow::Cow;

use durable_types::limits::MAX_OPERATION_NAME_LENGTH;

/// The name of an operation: 1 to 256 printable ASCII characters.
///
/// Texts convert into it. Names are identity: an execution that waits finds its operations again by them, so they must
/// stay the same from one version of the code to the next. [`UNNAMED`] operations are told apart by their order alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OperationName<'a>(Option<Cow<'a, str>>);

/// The name of an operation without a name.
pub const UNNAMED: OperationName<'static> = OperationName(None);

impl OperationName<'_> {
    /// The name, if there is one.
    pub fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The name of an operation that belongs to this one, cut to what is allowed. Without a name there is none.
    pub(crate) fn derived(&self, prefix: &str, suffix: &str) -> OperationName<'static> {
        let Some(name) = self.as_deref() else { return UNNAMED };
        let room = MAX_OPERATION_NAME_LENGTH.saturating_sub(prefix.len() + suffix.len());
        let name = name.get(..name.floor_char_boundary(room)).unwrap_or_default();
        format!("{prefix}{name}{suffix}").into()
    }

    /// What is wrong with the name, if anything is.
    pub(crate) fn problem(&self) -> Option<String> {
        let name = self.as_deref()?;
        let violation = durable_types::validate::operation_name(name).err()?;
        Some(format!("its name {}", violation.problem))
    }
}

impl<'a> From<&'a str> for OperationName<'a> {
    fn from(name: &'a str) -> Self {
        Self(Some(Cow::Borrowed(name)))
    }
}

impl<'a> From<&'a String> for OperationName<'a> {
    fn from(name: &'a String) -> Self {
        Self::from(name.as_str())
    }
}

impl From<String> for OperationName<'_> {
    fn from(name: String) -> Self {
        Self(Some(Cow::Owned(name)))
    }
}
