//! Where in the file something stands, so that what is wrong with it can be shown.

use std::ops::{Range, RangeInclusive};
use std::path::Path;

use toml::Spanned;

use super::error::ConfigError;

/// The file being read.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    /// Where the paths of the file start.
    pub(super) folder: &'a Path,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// What is wrong at this place of the file.
    pub(super) fn wrong(&self, at: Range<usize>, problem: impl Into<String>) -> ConfigError {
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

    /// A number that must be in a range.
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
        Err(self.wrong(value.span(), format!("`{key}` must be {least} to {most}, but is {number}")))
    }
}
