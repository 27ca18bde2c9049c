//! The random seed of an execution, which makes its checkpoint tokens and callback ids unguessable.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::digest::Digest;

/// Random bytes from which the checkpoint tokens and callback ids of an execution are derived.
///
/// The default is not random and is meant for tests. `Debug` output redacts the bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Seed([u8; 32]);

impl Seed {
    /// Derives the seed of the execution that an operation starts. It is as unguessable as this one.
    pub(crate) fn child(&self, operation_id: &str) -> Self {
        let halves = ["first", "second"].map(|half| Digest::of(&("child seed", self, operation_id, half)));
        let mut child = [0; 32];
        for (byte, derived) in child.iter_mut().zip(halves.into_iter().flatten()) {
            *byte = derived;
        }
        Self(child)
    }
}

impl From<[u8; 32]> for Seed {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(<redacted>)")
    }
}

impl Serialize for Seed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
        bytes.try_into().map(Self).map_err(|_| D::Error::custom("a seed has 32 bytes"))
    }
}
