//! The column of the digest of an input.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};

/// The digest of an input. A SHA-256 digest in lower-case hex, as the service writes it, is stored as its 32 bytes, and
/// any other text as it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InputDigest(pub(super) String);

impl ToSql for InputDigest {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match bytes(&self.0) {
            Some(bytes) => ToSqlOutput::from(bytes),
            None => ToSqlOutput::from(self.0.as_str()),
        })
    }
}

impl FromSql for InputDigest {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(_) => Ok(Self(value.as_str()?.to_owned())),
            ValueRef::Blob(bytes) if bytes.len() == 32 => {
                Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
            }
            ValueRef::Blob(_) | ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => {
                Err(FromSqlError::InvalidType)
            }
        }
    }
}

/// Returns the bytes of a digest of 64 lower-case hex digits.
fn bytes(digest: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digest.as_bytes().as_chunks() else { return None };
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    pairs.iter().map(byte).collect::<Option<Vec<u8>>>().filter(|bytes| bytes.len() == 32)
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => character.checked_sub(b'0'),
        b'a'..=b'f' => character.checked_sub(b'a' - 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn every_digest_is_read_as_it_was_written_and_those_of_the_service_take_32_bytes() {
        let file = Connection::open_in_memory().unwrap();
        let sha256 = "1e4f3f0324d8f3ff1f537b805ae58b0e1e583f4f7e914be3bddcf09e1e6fbb7b";

        for (digest, length) in [
            (sha256, 32),
            (&sha256.to_uppercase(), 64),
            (&sha256.replace('e', "g"), 64),
            (&sha256[2..], 62),
            ("digest", 6),
            ("", 0),
        ] {
            let written = InputDigest(digest.to_owned());
            let row = file.query_row("SELECT ?1, octet_length(?1)", [&written], |row| {
                Ok((row.get::<_, InputDigest>(0)?, row.get::<_, i64>(1)?))
            });

            assert_eq!(row.unwrap(), (written, length));
        }
    }
}
