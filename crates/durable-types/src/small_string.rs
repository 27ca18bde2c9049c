//! Strings that are usually short, such as ids and names.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const INLINE: usize = 22;

/// An immutable string that is not allocated if it is at most 22 bytes long.
///
/// The journal of an execution has four such strings for each of up to tens of thousands of operations: the id, the
/// parent's id, the name and the subtype. The ids that this SDK writes are 22 bytes long.
///
/// ```
/// use durable_types::SmallString;
///
/// let name = SmallString::from("charge");
///
/// assert_eq!(name, "charge");
/// assert_eq!(name.to_uppercase(), "CHARGE");
/// ```
#[derive(Clone)]
pub struct SmallString(Repr);

/// # Invariants
/// - The first `len` bytes of an inline string are UTF-8.
/// - A string of at most `INLINE` bytes is inline.
#[derive(Clone)]
enum Repr {
    Inline { len: u8, bytes: [u8; INLINE] },
    Heap(Box<str>),
}

impl SmallString {
    /// Returns the string as a slice.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Inline { .. } => std::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Repr::Heap(text) => text,
        }
    }

    /// Returns the bytes of the string. This is cheaper than [`as_str`](Self::as_str), which validates them.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Repr::Heap(text) => text.as_bytes(),
        }
    }

    fn inline(text: &str) -> Option<Self> {
        // Ids have exactly this length; their copy needs no call of `memcpy`.
        let mut bytes = text.as_bytes().try_into().unwrap_or([0; INLINE]);
        if text.len() != INLINE {
            bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        }
        Some(Self(Repr::Inline { len: u8::try_from(text.len()).ok()?, bytes }))
    }
}

impl From<&str> for SmallString {
    fn from(text: &str) -> Self {
        Self::inline(text).unwrap_or_else(|| Self(Repr::Heap(text.into())))
    }
}

impl From<&String> for SmallString {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for SmallString {
    fn from(text: String) -> Self {
        Self::inline(&text).unwrap_or_else(|| Self(Repr::Heap(text.into())))
    }
}

impl From<SmallString> for String {
    fn from(text: SmallString) -> Self {
        match text.0 {
            Repr::Heap(text) => text.into(),
            Repr::Inline { .. } => text.as_str().to_owned(),
        }
    }
}

impl Deref for SmallString {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for SmallString {
    fn as_ref(&self) -> &str {
        self
    }
}

impl AsRef<[u8]> for SmallString {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Borrow<str> for SmallString {
    fn borrow(&self) -> &str {
        self
    }
}

impl Default for SmallString {
    fn default() -> Self {
        Self(Repr::Inline { len: 0, bytes: [0; INLINE] })
    }
}

impl PartialEq for SmallString {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for SmallString {}

impl PartialEq<str> for SmallString {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for SmallString {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<String> for SmallString {
    fn eq(&self, other: &String) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<SmallString> for String {
    fn eq(&self, other: &SmallString) -> bool {
        other == self
    }
}

impl PartialOrd for SmallString {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SmallString {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other)
    }
}

impl Hash for SmallString {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for SmallString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for SmallString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl Serialize for SmallString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for SmallString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = SmallString;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SmallString, E> {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_every_length_read_back() {
        let whole = "0123456789abcdefghi\u{e9}\u{1f980}xyz";

        for (end, _) in whole.char_indices().chain([(whole.len(), ' ')]) {
            let text = &whole[..end];
            let small = SmallString::from(text);

            assert_eq!(small, text);
            assert_eq!(small, SmallString::from(text.to_owned()));
            assert_eq!(String::from(small.clone()), text);
            assert_eq!(
                serde_json::from_str::<SmallString>(&serde_json::to_string(&small).unwrap()).unwrap(),
                small
            );
        }
    }

    #[test]
    fn a_string_is_inline_up_to_22_bytes() {
        let is_inline = |len| matches!(SmallString::from("x".repeat(len)).0, Repr::Inline { .. });

        assert!(is_inline(22));
        assert!(!is_inline(23));
        assert_eq!(size_of::<Option<SmallString>>(), size_of::<String>());
    }

    #[test]
    fn strings_compare_and_hash_as_str() {
        let mut set = std::collections::HashSet::new();
        set.insert(SmallString::from("charge"));
        let (short, long) = (SmallString::from("b"), SmallString::from("a much longer string than that"));

        assert!(set.contains("charge"));
        assert!(short > long);
    }
}
