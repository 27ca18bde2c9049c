//! The source text of the file, for errors with line numbers.

use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use toml::Spanned;

use super::error::ConfigError;

/// The file being read.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    /// The folder that paths in the file are relative to.
    pub(super) folder: &'a Path,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// Returns an error for this place in the file.
    pub(super) fn error_at(&self, at: Range<usize>, problem: impl Into<String>) -> ConfigError {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let line = before.matches('\n').count();
        let text = self.text.lines().nth(line).unwrap_or_default().trim().to_owned();
        ConfigError::Wrong {
            path: self.path.to_owned(),
            line: line.saturating_add(1),
            text,
            problem: problem.into(),
        }
    }

    /// Checks that a text is not empty and that the system accepts it as a name or an argument.
    pub(super) fn text(&self, key: &str, value: &str, at: Range<usize>) -> Result<(), ConfigError> {
        if value.is_empty() {
            return Err(
                self.error_at(at, format!("`{key}` must not be empty; give it a value, or remove it"))
            );
        }
        self.without_nul(key, value, at)
    }

    /// Checks that a text contains no NUL, which the system cannot take.
    pub(super) fn without_nul(&self, key: &str, value: &str, at: Range<usize>) -> Result<(), ConfigError> {
        if value.contains('\0') {
            return Err(self.error_at(at, format!("`{key}` must not contain NUL (\\u0000)")));
        }
        Ok(())
    }

    /// Checks that a path is not empty.
    pub(super) fn path(
        &self,
        key: &str,
        value: Option<Spanned<PathBuf>>,
    ) -> Result<Option<PathBuf>, ConfigError> {
        let Some(value) = value else { return Ok(None) };
        self.text(key, &value.get_ref().to_string_lossy(), value.span())?;
        Ok(Some(value.into_inner()))
    }

    /// Checks that a number is in a range.
    pub(super) fn number(
        &self,
        key: &str,
        value: Option<Spanned<u64>>,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, ConfigError> {
        let Some(value) = value else { return Ok(None) };
        let number = *value.get_ref();
        if range.contains(&number) {
            return Ok(Some(number));
        }
        let (least, most) = (range.start(), range.end());
        Err(self.error_at(value.span(), format!("`{key}` must be {least} to {most}, but is {number}")))
    }
}
