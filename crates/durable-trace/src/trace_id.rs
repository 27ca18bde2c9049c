//! The id of a trace.

use std::fmt;

use crate::span_id::parse_hex;

/// The id of a trace: 16 bytes that are not all zero, displayed in hexadecimal.
///
/// ```
/// use durable_trace::TraceId;
///
/// let id = TraceId::from_hex("5759e988bd862e3fe1be46a994272793").unwrap();
///
/// assert_eq!(id.to_string(), "5759e988bd862e3fe1be46a994272793");
/// assert_eq!(TraceId::from_hex(&"0".repeat(32)), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// Creates an id. If all bytes are zero, which would mean that there is no trace, the last one becomes 1.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(if bytes == [0; 16] { 1_u128.to_be_bytes() } else { bytes })
    }

    /// Reads an id of 32 hexadecimal digits, unless all are zero.
    pub fn from_hex(hex: &str) -> Option<Self> {
        parse_hex(hex).filter(|bytes| *bytes != [0; 16]).map(Self)
    }

    /// Returns the bytes.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
