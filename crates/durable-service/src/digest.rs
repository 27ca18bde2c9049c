//! A digest that is stable across processes and machines.

use std::hash::{Hash, Hasher};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest as _, Sha256};

/// SHA-256 over any value that implements [`Hash`].
#[derive(Default)]
pub(crate) struct Digest(Sha256);

impl Digest {
    /// Returns the first 128 bits of the digest of a value.
    pub(crate) fn of(value: &(impl Hash + ?Sized)) -> [u8; 16] {
        let mut digest = Self::default();
        value.hash(&mut digest);
        let mut first = [0; 16];
        for (byte, hashed) in first.iter_mut().zip(digest.0.finalize()) {
            *byte = hashed;
        }
        first
    }

    /// Returns them as a UUID of version 8, whose bits are application-defined.
    pub(crate) fn uuid_of(value: &(impl Hash + ?Sized)) -> String {
        let mut bits = u128::from_be_bytes(Self::of(value));
        bits = bits & !(0xf << 76) | 8 << 76;
        bits = bits & !(0b11 << 62) | 0b10 << 62;
        let hex = format!("{bits:032x}");
        let mut id = String::with_capacity(36);
        for (index, digit) in hex.chars().enumerate() {
            if matches!(index, 8 | 12 | 16 | 20) {
                id.push('-');
            }
            id.push(digit);
        }
        id
    }

    /// Returns them as base64 text.
    pub(crate) fn text_of(value: &(impl Hash + ?Sized)) -> String {
        STANDARD_NO_PAD.encode(Self::of(value))
    }
}

/// Hashes lengths and discriminants as eight bytes in little-endian order on every platform.
impl Hasher for Digest {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.write(&number.to_le_bytes());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(u64::try_from(number).unwrap_or(u64::MAX));
    }

    fn write_isize(&mut self, number: isize) {
        self.write(&i64::try_from(number).unwrap_or(i64::MAX).to_le_bytes());
    }

    /// Returns 0: the 64-bit hash is unused.
    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_values_have_different_digests() {
        let digests = [
            Digest::text_of(&("ab", "c")),
            Digest::text_of(&("a", "bc")),
            Digest::text_of(&Some(0_u64)),
            Digest::text_of(&None::<u64>),
        ];

        let distinct: std::collections::HashSet<_> = digests.iter().collect();

        assert_eq!(distinct.len(), digests.len());
    }

    #[test]
    fn a_uuid_is_derived_from_the_value() {
        let id = Digest::uuid_of(&("one", 1_u64));

        let shape: String =
            id.chars().map(|char| if char.is_ascii_hexdigit() { 'x' } else { char }).collect();
        assert_eq!(shape, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
        assert_eq!(&id[14..15], "8");
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"));
        assert_eq!(id, Digest::uuid_of(&("one", 1_u64)));
        assert_ne!(id, Digest::uuid_of(&("one", 2_u64)));
        assert_ne!(id, Digest::uuid_of(&("two", 1_u64)));
    }

    #[test]
    fn a_digest_is_the_same_in_every_process() {
        assert_eq!(Digest::text_of("durable"), "iwbvUHlCsxr8TJY9Us76JQ");
    }
}
