//! The id of a span.

use std::fmt;

/// The id of a span: 8 bytes that are not all zero, displayed in hexadecimal.
///
/// ```
/// use durable_trace::SpanId;
///
/// let id = SpanId::from_hex("53995c3f42cd8ad8").unwrap();
///
/// assert_eq!(id.to_string(), "53995c3f42cd8ad8");
/// assert_eq!(SpanId::from_hex("+3995c3f42cd8ad8"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId([u8; 8]);

impl SpanId {
    /// Creates an id. If all bytes are zero, which would mean that there is no span, the last one becomes 1.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(if bytes == [0; 8] { 1_u64.to_be_bytes() } else { bytes })
    }

    /// Reads an id of 16 hexadecimal digits, unless all are zero.
    pub fn from_hex(hex: &str) -> Option<Self> {
        parse_hex(hex).filter(|bytes| *bytes != [0; 8]).map(Self)
    }

    /// Returns the bytes.
    pub fn to_bytes(self) -> [u8; 8] {
        self.0
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Reads exactly this many bytes in hexadecimal.
pub(crate) fn parse_hex<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let is_hex = hex.len() == N.saturating_mul(2) && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
    let digits = is_hex.then_some(hex)?;
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        let pair = digits.get(index.saturating_mul(2)..)?.get(..2)?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}
