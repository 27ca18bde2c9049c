//! Encodes consecutive events of an execution as one compressed block.

use std::borrow::Cow;

use lz4_flex::block::{compress_with_dict, decompress_with_dict};
use thiserror::Error;

use super::event_dictionary::DICTIONARY;

/// The first byte of an event that earlier versions stored in a row of its own, which is a JSON object.
const PLAIN: u8 = b'{';
/// The first byte of uncompressed lines.
const LINES: u8 = 1;
/// The first byte of lines that are compressed with [`DICTIONARY`].
const LZ4: u8 = 2;

/// The maximum length of compressed lines: SQLite's limit on a row, which uncompressed events are subject to anyway.
const MAX_LINES: usize = 1_000_000_000;
/// No byte of an LZ4 block stands for more bytes of its content.
const MAX_RATIO: usize = 255;

/// Consecutive events of an execution, encoded.
///
/// # Format
/// The first byte selects the format. Every format stays readable, because files with its blocks exist:
/// - `{`: the block is the text of a single event. Migrations create such blocks from the rows of earlier versions.
/// - 1: the events follow as lines, separated by line feeds, which JSON text never contains.
/// - 2: the length of the lines follows as 4 bytes, little-endian, and then the lines as an LZ4 block that refers to
///   [`DICTIONARY`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EventBlock<'a>(Cow<'a, [u8]>);

/// An event contains a line feed, so it is not JSON text on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an event contains a line feed; this is a bug in durable")]
pub(super) struct LineFeed;

/// Why a block cannot be decoded.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum InvalidBlock {
    #[error("the block is empty")]
    Empty,
    #[error("its format {0} is unknown")]
    UnknownFormat(u8),
    #[error("it specifies an impossible length")]
    Length,
    #[error("its compressed data is invalid")]
    Compression,
    #[error("it is not valid UTF-8")]
    NotUtf8,
    #[error("it contains {found} events instead of {expected}")]
    Count { expected: usize, found: usize },
}

impl EventBlock<'static> {
    /// Encodes events, compressed if that makes them smaller.
    pub(super) fn encode(events: &[String]) -> Result<Self, LineFeed> {
        if events.iter().any(|event| event.contains('\n')) {
            return Err(LineFeed);
        }
        let lines = events.join("\n");
        let block = compressed(lines.as_bytes()).unwrap_or_else(|| {
            let mut block = Vec::with_capacity(lines.len().saturating_add(1));
            block.push(LINES);
            block.extend_from_slice(lines.as_bytes());
            block
        });
        Ok(Self(block.into()))
    }
}

impl<'a> EventBlock<'a> {
    pub(super) fn from_bytes(bytes: &'a [u8]) -> Self {
        Self(bytes.into())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Decodes the events, and checks that their number is `count`.
    pub(super) fn decode(&self, count: usize) -> Result<Vec<String>, InvalidBlock> {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| InvalidBlock::NotUtf8);
        let (format, rest) = self.0.split_first().ok_or(InvalidBlock::Empty)?;
        let events = match *format {
            PLAIN => vec![text(self.0.to_vec())?],
            LINES => split(&text(rest.to_vec())?),
            LZ4 => split(&text(decompressed(rest)?)?),
            unknown => return Err(InvalidBlock::UnknownFormat(unknown)),
        };
        if events.len() != count {
            return Err(InvalidBlock::Count { expected: count, found: events.len() });
        }
        Ok(events)
    }
}

fn split(lines: &str) -> Vec<String> {
    lines.split('\n').map(str::to_owned).collect()
}

/// Returns the compressed block, if it is smaller than the lines and they are not too long to be decompressed.
fn compressed(lines: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(lines.len()).ok().filter(|_| lines.len() <= MAX_LINES)?;
    let data = compress_with_dict(lines, DICTIONARY);
    let mut block = Vec::with_capacity(data.len().saturating_add(5));
    block.push(LZ4);
    block.extend_from_slice(&length.to_le_bytes());
    block.extend_from_slice(&data);
    (block.len() <= lines.len()).then_some(block)
}

fn decompressed(rest: &[u8]) -> Result<Vec<u8>, InvalidBlock> {
    let (length, data) = rest.split_first_chunk().ok_or(InvalidBlock::Length)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| InvalidBlock::Length)?;
    // The memory for the lines is allocated first, so a damaged length must not make it large.
    if length > MAX_LINES.min(data.len().saturating_mul(MAX_RATIO)) {
        return Err(InvalidBlock::Length);
    }
    let lines = decompress_with_dict(data, length, DICTIONARY).map_err(|_| InvalidBlock::Compression)?;
    if lines.len() == length { Ok(lines) } else { Err(InvalidBlock::Length) }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// The events of a checkpoint.
    fn checkpoint() -> Vec<String> {
        [
            r#"{"OperationChanged":{"At":1796034997.763226,"Id":"NWY29TFN2TvzCrGrJur4qg","Name":"step-0","SubType":"Step","Change":{"Step":"Started"}}}"#,
            r#"{"OperationChanged":{"At":1796034997.763226,"Id":"NWY29TFN2TvzCrGrJur4qg","Name":"step-0","SubType":"Step","Change":{"Step":{"Succeeded":{"Attempt":1,"Result":"{\"charged\":4900}"}}}}}"#,
            r#"{"Checkpointed":{"At":1796034997.763226}}"#,
        ]
        .map(str::to_owned)
        .into()
    }

    fn decode(block: &[u8], count: usize) -> Result<Vec<String>, InvalidBlock> {
        EventBlock::from_bytes(block).decode(count)
    }

    #[test]
    fn a_checkpoint_is_compressed_to_a_third() {
        let events = checkpoint();
        let length: usize = events.iter().map(String::len).sum();

        let block = EventBlock::encode(&events).unwrap();

        assert!(block.as_bytes().len() * 3 < length, "{} of {length} bytes", block.as_bytes().len());
        assert_eq!(block.decode(3).unwrap(), events);
    }

    #[test]
    fn a_block_of_an_earlier_build_can_be_read() {
        let recorded =
            b"\x02k\x01\0\0\x0f\xc5\0\t\xf3\x0096034997.763226\xab\x01\xff\x07NWY29TFN2TvzCrGrJur4qgN\x01J\
            \x0f\x89\0M\x0b;\x02\x0fy\x01\x05\xefcharged\\\":4900\x80\x01\r\x07\xb5\0`3226}}";

        assert_eq!(decode(recorded, 3).unwrap(), checkpoint());
    }

    #[test]
    fn a_migrated_event_is_a_block() {
        let event = r#"{"Checkpointed":{"At":1796034997.763226}}"#;

        assert_eq!(decode(event.as_bytes(), 1).unwrap(), [event]);
        assert_eq!(decode(event.as_bytes(), 2), Err(InvalidBlock::Count { expected: 2, found: 1 }));
    }

    #[test]
    fn events_that_do_not_compress_are_stored_as_lines() {
        let events = ["x7#Qp".to_owned(), String::new()];

        let block = EventBlock::encode(&events).unwrap();

        assert_eq!(block.as_bytes(), b"\x01x7#Qp\n");
        assert_eq!(block.decode(2).unwrap(), events);
    }

    #[test]
    fn an_event_with_a_line_feed_is_refused() {
        assert_eq!(EventBlock::encode(&["{\n}".to_owned()]), Err(LineFeed));
    }

    #[test]
    fn invalid_blocks_are_told_apart() {
        assert_eq!(decode(b"", 1), Err(InvalidBlock::Empty));
        assert_eq!(decode(b"\x03{}", 1), Err(InvalidBlock::UnknownFormat(3)));
        assert_eq!(decode(b"\x01{}\n{}", 3), Err(InvalidBlock::Count { expected: 3, found: 2 }));
        assert_eq!(decode(b"\x01\xff", 1), Err(InvalidBlock::NotUtf8));
        assert_eq!(decode(b"\x02\x01", 1), Err(InvalidBlock::Length));
        assert_eq!(decode(b"\x02\x03\0\0\0\x20{}", 1), Err(InvalidBlock::Length));
        assert_eq!(decode(b"\x02\x02\0\0\0\xf0", 1), Err(InvalidBlock::Compression));
    }

    #[test]
    fn a_damaged_length_allocates_no_memory() {
        let mut block = EventBlock::encode(&checkpoint()).unwrap().as_bytes().to_vec();
        block[1..5].fill(0xff);

        assert_eq!(decode(&block, 3), Err(InvalidBlock::Length));
    }

    proptest! {
        #[test]
        fn decoding_reverses_encoding(events in vec("[^\n]{0,200}", 1..20)) {
            let block = EventBlock::encode(&events).unwrap();

            prop_assert_eq!(block.decode(events.len()), Ok(events));
        }

        #[test]
        fn repetitive_events_of_any_length_are_restored(text in "[^\n]{1,20}", repeats in 1_usize..20_000) {
            let events = [text.repeat(repeats), text.clone()];
            let block = EventBlock::encode(&events).unwrap();

            prop_assert_eq!(block.decode(2), Ok(events.to_vec()));
        }

        #[test]
        fn a_block_is_hardly_longer_than_its_events(events in vec("[^\n]{0,200}", 1..20)) {
            let block = EventBlock::encode(&events).unwrap();

            prop_assert!(block.as_bytes().len() <= events.join("\n").len() + 1);
        }

        #[test]
        fn arbitrary_bytes_never_panic(mut bytes in vec(any::<u8>(), 0..500), format in 0_u8..3) {
            bytes.insert(0, format);
            drop(decode(&bytes, 1));
        }

        #[test]
        fn damaged_blocks_never_panic(places in vec((5_usize.., any::<u8>()), 1..4)) {
            let mut block = EventBlock::encode(&checkpoint()).unwrap().as_bytes().to_vec();
            for (place, byte) in places {
                let place = 5 + place % (block.len() - 5);
                block[place] = byte;
            }
            drop(decode(&block, 3));
        }
    }
}
