//! Splits operations into pages.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use durable_types::Operation;

/// The limits of a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageLimits {
    pub(crate) items: usize,
    pub(crate) bytes: usize,
}

/// The start of a page: the changes after a sequence number, from a position in the order of operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marker {
    /// 0 selects all operations.
    pub(crate) since: u64,
    pub(crate) position: usize,
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.since, self.position)
    }
}

/// The error of a malformed marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidMarker;

impl FromStr for Marker {
    type Err = InvalidMarker;

    fn from_str(text: &str) -> Result<Self, InvalidMarker> {
        let (since, position) = text.split_once(':').ok_or(InvalidMarker)?;
        let since = since.parse().map_err(|_| InvalidMarker)?;
        let position = position.parse().map_err(|_| InvalidMarker)?;
        Ok(Self { since, position })
    }
}

/// Takes as many operations as fit into a page. The marker is the start of the next page.
///
/// A page has at least one operation, however large: the first operation of an invocation is the execution itself,
/// which contains the input.
pub(crate) fn page<'a>(
    since: u64,
    operations: impl Iterator<Item = (usize, &'a Operation)>,
    limits: PageLimits,
) -> (Vec<Operation>, Option<String>) {
    let mut page = Vec::new();
    let mut bytes_left = limits.bytes;
    for (position, operation) in operations {
        let bytes = encoded_len(operation);
        if (page.len() >= limits.items || bytes > bytes_left) && !page.is_empty() {
            return (page, Some(Marker { since, position }.to_string()));
        }
        bytes_left = bytes_left.saturating_sub(bytes);
        page.push(operation.clone());
    }
    (page, None)
}

/// Returns the size of an operation as JSON in bytes, including the following comma.
pub(crate) fn encoded_len(operation: &Operation) -> usize {
    let mut counter = Counter(1);
    // Neither counting nor serializing an operation can fail.
    let _written = serde_json::to_writer(&mut counter, operation);
    counter.0
}

struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
