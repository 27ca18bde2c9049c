//! Percent-encoding as AWS's signatures demand it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// The characters to percent-encode in a segment of a path and in a query: all but the unreserved ones.
pub(super) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The characters to percent-encode in a path of several segments.
pub(super) const PATH: &AsciiSet = &SEGMENT.remove(b'/');
