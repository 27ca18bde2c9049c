//! Deserialization of large lists of operations without excess capacity.

use std::fmt;

use serde::Deserializer;
use serde::de::{SeqAccess, Visitor};

use super::record::Operation;

/// The initial capacity.
const FIRST: usize = 64;

/// Deserializes a list of operations; null is an empty list.
///
/// The list grows by half at a time. Doubling, as `Vec` does, would leave up to half of the memory unused while the
/// payload from which the operations are read is still in memory; smaller steps copy the operations more often.
pub(crate) fn operations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Operation>, D::Error> {
    deserializer.deserialize_any(Operations)
}

struct Operations;

impl<'de> Visitor<'de> for Operations {
    type Value = Vec<Operation>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of operations")
    }

    fn visit_unit<E>(self) -> Result<Vec<Operation>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Operation>, A::Error> {
        let mut operations = Vec::new();
        while let Some(operation) = list.next_element()? {
            if operations.len() == operations.capacity() {
                operations.reserve_exact((operations.len() / 2).max(FIRST));
            }
            operations.push(operation);
        }
        Ok(operations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_takes_little_more_memory_than_it_needs() {
        let records = vec![r#"{"Id":"a","Type":"STEP","Status":"STARTED"}"#; 1_000].join(",");
        let mut deserializer = serde_json::Deserializer::from_str("");
        assert!(operations(&mut deserializer).is_err());
        let text = format!("[{records}]");
        let mut deserializer = serde_json::Deserializer::from_str(&text);

        let read = operations(&mut deserializer).unwrap();

        assert_eq!(read.len(), 1_000);
        assert!(read.capacity() <= 1_500, "{}", read.capacity());
    }

    #[test]
    fn null_is_no_operations() {
        assert_eq!(operations(&mut serde_json::Deserializer::from_str("null")).unwrap(), []);
    }
}
