//! Operation ids, which identify operations of the code regardless of the order in which they run.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use durable_types::SmallString;
use sha2::{Digest, Sha256};

const BYTES: usize = 16;
const TEXT_BYTES: usize = 22;

/// The id of an operation: a hash of its context, subtype and name, and of the number of operations with that subtype
/// and name that the context claimed before.
///
/// It is encoded as 22 characters of base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperationId([u8; BYTES]);

impl OperationId {
    /// Derives the id of the `occurrence`th operation with this subtype and name in a context, counted from 0.
    pub(crate) fn derive(context: impl Into<ContextId>, sub_type: &str, name: &str, occurrence: u32) -> Self {
        let mut hash = Sha256::new();
        // Each part is prefixed with its kind or length, so that no two lists of parts have the same hash.
        match context.into() {
            ContextId::Root => hash.update([0]),
            ContextId::Operation(Self(id)) => {
                hash.update([1]);
                hash.update(id);
            }
            ContextId::FlatItem { batch: Self(id), index } => {
                hash.update([2]);
                hash.update(id);
                hash.update(index.to_le_bytes());
            }
        }
        hash.update(u64::try_from(sub_type.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(sub_type);
        hash.update(occurrence.to_le_bytes());
        hash.update(name);
        let digest: [u8; 32] = hash.finalize().into();
        let mut id = [0; BYTES];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(id)
    }

    /// Returns the id of the item with this index in a batch, regardless of its name.
    pub fn item(self, sub_type: &str, index: u32) -> Self {
        Self::derive(Some(self), sub_type, "", index)
    }

    /// Parses an id that an engine wrote; returns `None` for any other id.
    pub(crate) fn parse(text: impl AsRef<[u8]>) -> Option<Self> {
        let text = text.as_ref();
        let mut id = [0; BYTES];
        let read = URL_SAFE_NO_PAD.decode_slice(text, &mut id).ok()?;
        (text.len() == TEXT_BYTES && read == BYTES).then_some(Self(id))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl OperationId {
    fn encode<'t>(&self, text: &'t mut [u8; TEXT_BYTES]) -> Option<&'t str> {
        let written = URL_SAFE_NO_PAD.encode_slice(self.0, text).ok()?;
        std::str::from_utf8(text.get(..written)?).ok()
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.encode(&mut [0; TEXT_BYTES]).ok_or(fmt::Error)?)
    }
}

impl From<OperationId> for SmallString {
    fn from(id: OperationId) -> Self {
        id.encode(&mut [0; TEXT_BYTES]).unwrap_or_default().into()
    }
}

impl fmt::Debug for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The identity of a context, from which the ids of its operations are derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContextId {
    /// The handler's own context.
    Root,
    /// The context of an operation, recorded or virtual.
    Operation(OperationId),
    /// The context of an item of a flat batch. Deriving an id for the item as well would double the cost of an item
    /// with one operation.
    FlatItem { batch: OperationId, index: u32 },
}

impl From<Option<OperationId>> for ContextId {
    fn from(operation: Option<OperationId>) -> Self {
        operation.map_or(Self::Root, Self::Operation)
    }
}

impl Hash for OperationId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Half of the digest is enough to find a bucket.
        let half = self.0.first_chunk().copied().unwrap_or_default();
        state.write_u64(u64::from_le_bytes(half));
    }
}

/// A hasher for ids, which are already hashes.
#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, half: u64) {
        self.0 ^= half;
    }
}

/// A map by id.
pub(crate) type IdMap<V> = HashMap<OperationId, V, BuildHasherDefault<IdHasher>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_22_characters() {
        let id = OperationId::derive(None, "Step", "charge", 0);

        let text = id.to_string();

        assert_eq!(text.len(), 22);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        assert_eq!(OperationId::parse(&text), Some(id));
    }

    #[test]
    fn ids_of_others_are_not_read() {
        let padded = format!("{}A", OperationId::derive(None, "Step", "charge", 0));

        for foreign in ["", "1-2", "c4ca4238a0b92382", padded.as_str(), "!!!!!!!!!!!!!!!!!!!!!!"] {
            assert_eq!(OperationId::parse(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn every_part_of_an_identity_changes_the_id() {
        let context = OperationId::derive(None, "RunInChildContext", "ship", 0);
        let ids = [
            OperationId::derive(None, "Step", "a", 0),
            OperationId::derive(None, "Step", "a", 1),
            OperationId::derive(None, "Step", "b", 0),
            OperationId::derive(None, "Step", "", 0),
            OperationId::derive(None, "Wait", "a", 0),
            OperationId::derive(None, "Ste", "pa", 0),
            OperationId::derive(Some(context), "Step", "a", 0),
            OperationId::derive(ContextId::FlatItem { batch: context, index: 0 }, "Step", "a", 0),
            OperationId::derive(ContextId::FlatItem { batch: context, index: 1 }, "Step", "a", 0),
        ];

        for (index, id) in ids.iter().enumerate() {
            assert!(!ids[..index].contains(id), "{index}");
        }
    }
}
