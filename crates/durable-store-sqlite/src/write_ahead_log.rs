//! Detects damage in the write-ahead log that a crash left behind.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

/// The length of the header of the log.
const HEADER_BYTES: usize = 32;
/// The length of the header of a frame, which precedes its page.
const FRAME_HEADER_BYTES: usize = 24;
/// The magic number of a log without its last bit, which specifies the byte order of the checksums.
const MAGIC: u32 = 0x377f_0682;

/// Returns whether the log is damaged before its last complete transaction.
///
/// SQLite ends recovery at the first frame with a wrong checksum, because a crash leaves an incomplete transaction there.
/// But a transaction starts only after the previous one is on disk. So if complete transactions follow such a frame,
/// acknowledged data is damaged, and SQLite would drop it and everything after it.
pub(super) fn is_damaged(log: &Path) -> io::Result<bool> {
    let mut log = match File::open(log) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let Some(header) = Header::read(&mut log)? else { return Ok(false) };
    let mut frame = vec![0; FRAME_HEADER_BYTES.saturating_add(header.page_bytes)];
    let mut before = header.checksum;
    let (mut is_cut, mut was_commit_after_cut) = (false, false);
    while fill(&mut log, &mut frame)? {
        let Some((fields, page)) = frame.split_at_checked(FRAME_HEADER_BYTES) else { break };
        let Some([_, pages_after_commit, salt, second_salt, sum, second_sum]) = words(fields, ByteOrder::Big)
        else {
            break;
        };
        let checksum = Checksum(sum, second_sum);
        // After a checkpoint, the log is overwritten from its start with new salts, and older frames remain at its end.
        let is_current = [salt, second_salt] == header.salts;
        let is_valid =
            before.over(fields.get(..8).unwrap_or_default(), header.order).over(page, header.order)
                == checksum;
        let follows = is_current && is_valid;
        // Frames that a rolled-back transaction left behind never follow a commit.
        if follows && was_commit_after_cut {
            return Ok(true);
        }
        is_cut |= !follows;
        was_commit_after_cut = is_cut && is_current && pages_after_commit > 0;
        before = checksum;
    }
    Ok(false)
}

/// The header of a log.
struct Header {
    page_bytes: usize,
    /// These change whenever the log is overwritten from its start; frames with other salts are outdated.
    salts: [u32; 2],
    checksum: Checksum,
    order: ByteOrder,
}

impl Header {
    /// Reads the header, if it is valid. SQLite treats a log without a valid header as empty.
    fn read(log: &mut impl Read) -> io::Result<Option<Self>> {
        let mut header = [0; HEADER_BYTES];
        if !fill(log, &mut header)? {
            return Ok(None);
        }
        let Some([magic, _version, page_bytes, _checkpoint, salt, second_salt, sum, second_sum]) =
            words(&header, ByteOrder::Big)
        else {
            return Ok(None);
        };
        let order = if magic & 1 == 1 { ByteOrder::Big } else { ByteOrder::Little };
        let checksum = Checksum(sum, second_sum);
        let is_valid = Checksum(0, 0).over(header.get(..24).unwrap_or_default(), order) == checksum;
        let is_log = magic & !1 == MAGIC && is_valid && (512..=65_536).contains(&page_bytes);
        let page_bytes = usize::try_from(page_bytes).unwrap_or_default();
        Ok(is_log.then_some(Self { page_bytes, salts: [salt, second_salt], checksum, order }))
    }
}

/// The byte order of the words of a checksum.
#[derive(Clone, Copy)]
enum ByteOrder {
    Big,
    Little,
}

impl ByteOrder {
    fn word(self, bytes: &[u8]) -> u32 {
        let bytes = bytes.try_into().unwrap_or_default();
        match self {
            Self::Big => u32::from_be_bytes(bytes),
            Self::Little => u32::from_le_bytes(bytes),
        }
    }
}

/// The running checksum of the log, from its start.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Checksum(u32, u32);

impl Checksum {
    fn over(self, bytes: &[u8], order: ByteOrder) -> Self {
        let mut words = bytes.chunks_exact(4).map(|bytes| order.word(bytes));
        let Self(mut sum, mut second) = self;
        while let (Some(word), Some(next)) = (words.next(), words.next()) {
            sum = sum.wrapping_add(word).wrapping_add(second);
            second = second.wrapping_add(next).wrapping_add(sum);
        }
        Self(sum, second)
    }
}

fn words<const N: usize>(bytes: &[u8], order: ByteOrder) -> Option<[u32; N]> {
    let words: Vec<u32> = bytes.chunks_exact(4).map(|bytes| order.word(bytes)).collect();
    words.try_into().ok()
}

/// Fills the buffer. Returns false if the file ends before.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
