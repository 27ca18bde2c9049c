//! Violations of validation rules.

use std::borrow::Cow;
use std::fmt;

/// A violation of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The member, by its name on the wire, such as `WaitOptions.WaitSeconds` or `Updates[2].Name`.
    pub member: Cow<'static, str>,
    /// The problem, and what is allowed.
    pub problem: String,
}

impl Violation {
    pub(crate) fn new(member: &'static str, problem: impl Into<String>) -> Self {
        Self { member: Cow::Borrowed(member), problem: problem.into() }
    }

    /// Returns the violation of a value that is part of a larger one.
    pub(crate) fn inside(self, member: &str) -> Self {
        Self { member: Cow::Owned(format!("{member}.{}", self.member)), problem: self.problem }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.member, self.problem)
    }
}

impl std::error::Error for Violation {}

/// All violations of a value; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violations(pub(crate) Vec<Violation>);

impl Violations {
    /// Returns the violations, in the order of the members.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{violation}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}
