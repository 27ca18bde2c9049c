//! The write-ahead log that a crash has left, and whether it is whole.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

/// Bytes before the first frame.
const HEADER_BYTES: usize = 32;
/// Bytes before the page of a frame.
const FRAME_HEADER_BYTES: usize = 24;
/// What a log begins with; the last bit says in which order the bytes of words are summed up.
const MAGIC: u32 = 0x377f_0682;

/// Whether the log is damaged in a place that whole transactions follow.
///
/// A log ends for SQLite where the first checksum is wrong, because that is where a crash cuts off what was being
/// written. But a transaction begins only when the one before is on disk. So if one follows such a place, it is no end:
/// what was acknowledged is damaged, and SQLite would forget it and everything after it.
pub(super) fn is_damaged(log: &Path) -> io::Result<bool> {
    let mut log = match File::open(log) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let Some(header) = Header::read(&mut log)? else { return Ok(false) };
    let mut frame = vec![0; FRAME_HEADER_BYTES.saturating_add(header.page_bytes)];
    let mut before = header.checksum;
    let (mut is_cut, mut was_end_after_cut) = (false, false);
    while fill(&mut log, &mut frame)? {
        let Some((told, page)) = frame.split_at_checked(FRAME_HEADER_BYTES) else { break };
        let Some([_, pages_after_commit, salt, second_salt, sum, second_sum]) = words(told, Order::Big)
        else {
            break;
        };
        let checksum = Checksum(sum, second_sum);
        // Frames of another round of the log stay behind those that were written since.
        let is_of_this_round = [salt, second_salt] == header.salts;
        let is_right =
            before.over(told.get(..8).unwrap_or_default(), header.order).over(page, header.order) == checksum;
        let follows = is_of_this_round && is_right;
        // What a transaction that was rolled back left behind follows nothing that ended.
        if follows && was_end_after_cut {
            return Ok(true);
        }
        is_cut |= !follows;
        was_end_after_cut = is_cut && is_of_this_round && pages_after_commit > 0;
        before = checksum;
    }
    Ok(false)
}

/// What a log says of itself.
struct Header {
    page_bytes: usize,
    /// What the frames have in common that were written since the log was begun anew.
    salts: [u32; 2],
    checksum: Checksum,
    order: Order,
}

impl Header {
    /// None: SQLite takes the log for empty.
    fn read(log: &mut impl Read) -> io::Result<Option<Self>> {
        let mut header = [0; HEADER_BYTES];
        if !fill(log, &mut header)? {
            return Ok(None);
        }
        let Some([magic, _version, page_bytes, _round, salt, second_salt, sum, second_sum]) =
            words(&header, Order::Big)
        else {
            return Ok(None);
        };
        let order = if magic & 1 == 1 { Order::Big } else { Order::Little };
        let checksum = Checksum(sum, second_sum);
        let is_right = Checksum(0, 0).over(header.get(..24).unwrap_or_default(), order) == checksum;
        let is_log = magic & !1 == MAGIC && is_right && (512..=65_536).contains(&page_bytes);
        let page_bytes = usize::try_from(page_bytes).unwrap_or_default();
        Ok(is_log.then_some(Self { page_bytes, salts: [salt, second_salt], checksum, order }))
    }
}

/// In which order the bytes of a word stand.
#[derive(Clone, Copy)]
enum Order {
    Big,
    Little,
}

impl Order {
    fn word(self, bytes: &[u8]) -> u32 {
        let bytes = bytes.try_into().unwrap_or_default();
        match self {
            Self::Big => u32::from_be_bytes(bytes),
            Self::Little => u32::from_le_bytes(bytes),
        }
    }
}

/// A sum over everything from the beginning of the log.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Checksum(u32, u32);

impl Checksum {
    fn over(self, bytes: &[u8], order: Order) -> Self {
        let mut words = bytes.chunks_exact(4).map(|bytes| order.word(bytes));
        let Self(mut sum, mut second) = self;
        while let (Some(word), Some(next)) = (words.next(), words.next()) {
            sum = sum.wrapping_add(word).wrapping_add(second);
            second = second.wrapping_add(next).wrapping_add(sum);
        }
        Self(sum, second)
    }
}

fn words<const N: usize>(bytes: &[u8], order: Order) -> Option<[u32; N]> {
    let words: Vec<u32> = bytes.chunks_exact(4).map(|bytes| order.word(bytes)).collect();
    words.try_into().ok()
}

/// Reads as many bytes as there is room for. False: the file ends before.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
