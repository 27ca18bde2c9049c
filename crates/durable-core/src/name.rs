//! The optional name of an operation.

use std::borrow::Cow;

use durable_types::limits::MAX_OPERATION_NAME_LENGTH;

/// The name of an operation: 1 to 256 printable ASCII characters, or none.
///
/// Strings convert into it. Names are identity: a suspended execution finds its operations by name, so names must stay
/// the same from one version of the code to the next. [`UNNAMED`] operations are identified by their order alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OperationName<'a>(Option<Cow<'a, str>>);

/// The name of an unnamed operation.
pub const UNNAMED: OperationName<'static> = OperationName(None);

impl OperationName<'_> {
    /// Returns the name, if there is one.
    pub fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// Returns the name of an operation that belongs to this one, cut to the maximum length; none if this has none.
    pub(crate) fn derived(&self, prefix: &str, suffix: &str) -> OperationName<'static> {
        let Some(name) = self.as_deref() else { return UNNAMED };
        let room = MAX_OPERATION_NAME_LENGTH.saturating_sub(prefix.len() + suffix.len());
        let name = name.get(..name.floor_char_boundary(room)).unwrap_or_default();
        format!("{prefix}{name}{suffix}").into()
    }

    /// Returns what is wrong with the name, if anything.
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
