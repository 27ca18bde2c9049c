//! Reads and writes the table of events, whose rows are blocks of consecutive events.

use std::collections::BTreeMap;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use thiserror::Error;

use super::event_block::{EventBlock, InvalidBlock};

/// The maximum number of events in a block, and the maximum length of their text unless it is a single event. A read of a
/// few events of a large append decodes no more than that.
const BLOCK_EVENTS: usize = 256;
const BLOCK_BYTES: usize = 256 * 1024;

/// Events after a sequence number, beginning with the block that contains the first of them.
const FOLLOWING: &str = "SELECT first_sequence, count, block
     FROM executions CROSS JOIN event_blocks ON execution = key
     WHERE execution_id = ?1 AND first_sequence >= coalesce((
         SELECT first_sequence FROM event_blocks
         WHERE execution = key AND first_sequence <= ?2 ORDER BY first_sequence DESC LIMIT 1), 0)
     ORDER BY first_sequence";

/// Events from the last one backwards.
const BACKWARDS: &str = "SELECT first_sequence, count, block
     FROM executions CROSS JOIN event_blocks ON execution = key
     WHERE execution_id = ?1 ORDER BY first_sequence DESC";

/// The block that contains an event, if the event is recorded.
const CONTAINING: &str = "SELECT first_sequence, count, block FROM event_blocks
     WHERE execution = ?1 AND first_sequence <= ?2 ORDER BY first_sequence DESC LIMIT 1";

/// Events that the record does not contain as they were appended.
#[derive(Debug, Error)]
pub(super) enum DamagedEvents {
    #[error(
        "the block of events {first_sequence} and following of execution `{execution_id}` cannot be read: {reason}"
    )]
    Invalid { execution_id: String, first_sequence: i64, reason: InvalidBlock },
    #[error("events {first} to {last} of execution `{execution_id}` are missing")]
    Missing { execution_id: String, first: i64, last: i64 },
}

/// The key and the id of an execution.
#[derive(Clone, Copy, Debug)]
pub(super) struct EventOwner<'a> {
    pub(super) key: i64,
    pub(super) execution_id: &'a str,
}

/// Returns at most `limit` events of an execution after a sequence number, in order.
pub(super) fn events(
    connection: &Connection,
    execution_id: &str,
    after_sequence: u64,
    limit: u64,
) -> rusqlite::Result<Vec<String>> {
    let first = i64::try_from(after_sequence).unwrap_or(i64::MAX).saturating_add(1);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut select = connection.prepare_cached(FOLLOWING)?;
    let (mut rows, mut events) = (select.query((execution_id, first))?, Vec::new());
    let mut next = first;
    while events.len() < limit
        && let Some(row) = rows.next()?
    {
        let range = SequenceRange::read(row)?;
        if range.end() > first {
            check_consecutive(next, range.first, execution_id)?;
            next = range.end();
            let skipped = range.index_of(first).unwrap_or(0);
            let missing = limit.saturating_sub(events.len());
            events.extend(decode(row, range, execution_id)?.into_iter().skip(skipped).take(missing));
        }
    }
    Ok(events)
}

/// Returns at most `limit` events of an execution, the last one first.
pub(super) fn last_events(
    connection: &Connection,
    execution_id: &str,
    limit: u64,
) -> rusqlite::Result<Vec<String>> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut select = connection.prepare_cached(BACKWARDS)?;
    let (mut rows, mut events) = (select.query([execution_id])?, Vec::new());
    let mut following: Option<SequenceRange> = None;
    while events.len() < limit
        && let Some(row) = rows.next()?
    {
        let range = SequenceRange::read(row)?;
        if let Some(following) = following.replace(range) {
            check_consecutive(range.end(), following.first, execution_id)?;
        }
        let missing = limit.saturating_sub(events.len());
        let block = decode(row, range, execution_id)?;
        events.extend(block.into_iter().rev().take(missing));
    }
    Ok(events)
}

/// Inserts events, of which the first has this sequence number.
pub(super) fn insert(
    connection: &Connection,
    key: i64,
    first_sequence: i64,
    events: &[String],
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO event_blocks (execution, first_sequence, count, block) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let mut first = first_sequence;
    for chunk in chunks(events) {
        let count = i64::try_from(chunk.len()).unwrap_or(i64::MAX);
        insert.execute(params![key, first, count, encode(chunk)?.as_bytes()])?;
        first = first.saturating_add(count);
    }
    Ok(())
}

/// Replaces recorded events. Fails if one is missing, which means that the record is damaged.
pub(super) fn replace(
    connection: &Connection,
    owner: EventOwner<'_>,
    replaced: &BTreeMap<u64, String>,
) -> rusqlite::Result<()> {
    let number = |sequence: &u64| i64::try_from(*sequence).unwrap_or(i64::MAX);
    let mut replaced = replaced.iter().map(|(sequence, event)| (number(sequence), event)).peekable();
    while let Some((sequence, _)) = replaced.peek() {
        let (range, mut events) = containing(connection, owner, *sequence)?;
        while let Some((sequence, event)) = replaced.next_if(|(sequence, _)| range.contains(*sequence)) {
            if let Some(slot) = range.index_of(sequence).and_then(|index| events.get_mut(index)) {
                slot.clone_from(event);
            }
        }
        let mut update = connection.prepare_cached(
            "UPDATE event_blocks SET block = ?3 WHERE execution = ?1 AND first_sequence = ?2",
        )?;
        update.execute(params![owner.key, range.first, encode(&events)?.as_bytes()])?;
    }
    Ok(())
}

/// Returns the block that contains this event.
fn containing(
    connection: &Connection,
    owner: EventOwner<'_>,
    sequence: i64,
) -> rusqlite::Result<(SequenceRange, Vec<String>)> {
    let mut select = connection.prepare_cached(CONTAINING)?;
    let found = select.query_row((owner.key, sequence), |row| {
        let range = SequenceRange::read(row)?;
        let events = range.contains(sequence).then(|| decode(row, range, owner.execution_id)).transpose()?;
        Ok(events.map(|events| (range, events)))
    });
    found.optional()?.flatten().ok_or(rusqlite::Error::StatementChangedRows(0))
}

/// The sequence numbers of the events in a block.
#[derive(Clone, Copy, Debug)]
struct SequenceRange {
    first: i64,
    count: i64,
}

impl SequenceRange {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { first: row.get(0)?, count: row.get(1)? })
    }

    /// Returns the sequence number of the event that follows the block.
    fn end(self) -> i64 {
        self.first.saturating_add(self.count)
    }

    fn contains(self, sequence: i64) -> bool {
        (self.first..self.end()).contains(&sequence)
    }

    /// Returns the index in the block of an event that is in it or follows it.
    fn index_of(self, sequence: i64) -> Option<usize> {
        usize::try_from(sequence.saturating_sub(self.first)).ok()
    }
}

/// Fails if a block begins after the event that is to be next.
fn check_consecutive(next: i64, first: i64, execution_id: &str) -> rusqlite::Result<()> {
    if first <= next {
        return Ok(());
    }
    let execution_id = execution_id.to_owned();
    let missing = DamagedEvents::Missing { execution_id, first: next, last: first.saturating_sub(1) };
    Err(rusqlite::Error::FromSqlConversionFailure(0, Type::Integer, missing.into()))
}

/// Splits events into those of a block each.
fn chunks(events: &[String]) -> impl Iterator<Item = &[String]> {
    let mut rest = events;
    std::iter::from_fn(move || {
        let mut bytes = 0_usize;
        let fits = |event: &&String| {
            bytes = bytes.saturating_add(event.len());
            bytes <= BLOCK_BYTES
        };
        let fitting = rest.iter().take(BLOCK_EVENTS).take_while(fits).count();
        let (chunk, others) = rest.split_at_checked(fitting.max(1))?;
        rest = others;
        Some(chunk)
    })
}

fn encode(events: &[String]) -> rusqlite::Result<EventBlock<'static>> {
    EventBlock::encode(events).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn decode(row: &Row<'_>, range: SequenceRange, execution_id: &str) -> rusqlite::Result<Vec<String>> {
    let block = row.get_ref(2)?;
    let events =
        EventBlock::from_bytes(block.as_blob()?).decode(usize::try_from(range.count).unwrap_or_default());
    events.map_err(|reason| {
        let execution_id = execution_id.to_owned();
        let damaged = DamagedEvents::Invalid { execution_id, first_sequence: range.first, reason };
        rusqlite::Error::FromSqlConversionFailure(2, block.data_type(), damaged.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database;
    use crate::error::StoreError;
    use crate::folder::DataFolder;
    use crate::query_plan::{is_lookup, plan, statements};
    use crate::random_text::random_texts;

    const OWNER: EventOwner<'_> = EventOwner { key: 1, execution_id: "id-1" };

    /// A record of two executions without events.
    fn record(folder: &tempfile::TempDir) -> (Database, Connection) {
        let (database, connection) = Database::open(&DataFolder::claim(folder.path()).unwrap()).unwrap();
        connection
            .execute_batch(
                "INSERT INTO executions (key, execution_id, arn, function_name, function_version, execution_name,
                     input_digest, started_at, status, imported)
                 VALUES (1, 'id-1', 'arn/id-1', 'f', '1', 'a', '', 0, 'RUNNING', 0),
                     (2, 'id-2', 'arn/id-2', 'f', '1', 'b', '', 0, 'RUNNING', 0)",
            )
            .unwrap();
        (database, connection)
    }

    /// Events that name their numbers.
    fn numbered(numbers: std::ops::RangeInclusive<u64>) -> Vec<String> {
        numbers.map(|number| format!(r#"{{"event":{number}}}"#)).collect()
    }

    fn block_sizes(connection: &Connection) -> Vec<i64> {
        let mut select = connection.prepare("SELECT count FROM event_blocks ORDER BY 1").unwrap();
        select.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn a_page_begins_and_ends_anywhere_in_a_block() {
        let folder = tempfile::tempdir().unwrap();
        let (_, connection) = record(&folder);
        insert(&connection, 2, 1, &numbered(100..=110)).unwrap();
        for (first, last) in [(1, 2), (3, 5), (6, 6), (7, 9)] {
            insert(&connection, 1, first, &numbered(first.unsigned_abs()..=last)).unwrap();
        }

        for after in 0..12 {
            for limit in 0..12 {
                let page = events(&connection, "id-1", after, limit).unwrap();
                assert_eq!(page, numbered(after + 1..=(after + limit).min(9)), "{limit} after {after}");
            }
        }
        for limit in 0..12 {
            let mut last = numbered(10 - limit.min(9)..=9);
            last.reverse();
            assert_eq!(last_events(&connection, "id-1", limit).unwrap(), last);
        }
        assert_eq!(events(&connection, "id-1", 4, u64::MAX).unwrap(), numbered(5..=9));
        assert_eq!(events(&connection, "id-1", u64::MAX, u64::MAX).unwrap(), [""; 0]);
        assert_eq!(events(&connection, "id-3", 0, u64::MAX).unwrap(), [""; 0]);
    }

    #[test]
    fn a_large_append_is_split_into_blocks_of_bounded_size() {
        let folder = tempfile::tempdir().unwrap();
        let (_, connection) = record(&folder);
        let long = [random_texts(5, 100_000), random_texts(1, 1_000_000), random_texts(1, 10)].concat();

        insert(&connection, 1, 1, &numbered(1..=24_000)).unwrap();
        let many = block_sizes(&connection);
        connection.execute("DELETE FROM event_blocks", ()).unwrap();
        insert(&connection, 1, 1, &long).unwrap();

        assert_eq!((many.len(), many[1]), (94, 256));
        assert_eq!(block_sizes(&connection), [1, 1, 1, 2, 2]);
        assert_eq!(events(&connection, "id-1", 0, u64::MAX).unwrap(), long);
    }

    #[test]
    fn a_page_decodes_only_the_blocks_that_it_needs() {
        let folder = tempfile::tempdir().unwrap();
        let (database, connection) = record(&folder);
        insert(&connection, 1, 1, &numbered(1..=1_000)).unwrap();
        let damage = "UPDATE event_blocks SET block = x'09' WHERE first_sequence = 257";
        assert_eq!(connection.execute(damage, ()).unwrap(), 1);

        let before = events(&connection, "id-1", 0, 256);
        let behind = events(&connection, "id-1", 512, u64::MAX);
        let last = last_events(&connection, "id-1", 488);
        let damaged = database.failure(events(&connection, "id-1", 0, 257).unwrap_err());

        assert_eq!(before.unwrap(), numbered(1..=256));
        assert_eq!(behind.unwrap(), numbered(513..=1_000));
        assert_eq!(last.unwrap().len(), 488);
        assert!(matches!(damaged, StoreError::Damaged { .. }), "{damaged}");
        let text = "the block of events 257 and following of execution `id-1` cannot be read: its format 9 is unknown";
        assert!(damaged.to_string().contains(text), "{damaged}");
    }

    #[test]
    fn a_missing_block_is_reported_by_every_read_across_it() {
        let folder = tempfile::tempdir().unwrap();
        let (database, connection) = record(&folder);
        for (first, last) in [(1, 2), (3, 5), (6, 9)] {
            insert(&connection, 1, first, &numbered(first.unsigned_abs()..=last)).unwrap();
        }
        connection.execute("DELETE FROM event_blocks WHERE first_sequence = 3", ()).unwrap();

        let across = [
            events(&connection, "id-1", 0, 3),
            events(&connection, "id-1", 1, u64::MAX),
            last_events(&connection, "id-1", 5),
        ];
        let within = events(&connection, "id-1", 3, 1);

        for read in across {
            let damaged = database.failure(read.unwrap_err());
            assert!(matches!(damaged, StoreError::Damaged { .. }), "{damaged}");
            assert!(
                damaged.to_string().contains("events 3 to 5 of execution `id-1` are missing"),
                "{damaged}"
            );
        }
        let damaged = database.failure(within.unwrap_err());
        assert!(damaged.to_string().contains("events 4 to 5 of execution `id-1` are missing"), "{damaged}");
        assert_eq!(events(&connection, "id-1", 0, 2).unwrap(), numbered(1..=2));
        assert_eq!(events(&connection, "id-1", 5, u64::MAX).unwrap(), numbered(6..=9));
        assert_eq!(last_events(&connection, "id-1", 4).unwrap().len(), 4);
    }

    #[test]
    fn events_in_several_blocks_are_replaced_and_the_others_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (_, connection) = record(&folder);
        insert(&connection, 1, 1, &numbered(1..=3)).unwrap();
        insert(&connection, 1, 4, &numbered(4..=4)).unwrap();
        insert(&connection, 1, 5, &numbered(5..=6)).unwrap();
        let replaced = [2, 3, 6].map(|sequence| (sequence, format!("new {sequence}"))).into();

        replace(&connection, OWNER, &replaced).unwrap();

        let text = |number: u64| replaced.get(&number).cloned().unwrap_or(numbered(number..=number).concat());
        let expected: Vec<String> = (1..=6).map(text).collect();
        assert_eq!(events(&connection, "id-1", 0, u64::MAX).unwrap(), expected);
        assert_eq!(block_sizes(&connection), [1, 2, 3]);
    }

    #[test]
    fn an_event_between_two_blocks_cannot_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (database, connection) = record(&folder);
        insert(&connection, 1, 1, &numbered(1..=2)).unwrap();
        insert(&connection, 1, 4, &numbered(4..=5)).unwrap();

        let refused = replace(&connection, OWNER, &[(3, "new".to_owned())].into()).unwrap_err();

        let refused = database.failure(refused);
        assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
    }

    #[test]
    fn no_read_or_replacement_of_events_scans_or_sorts() {
        let folder = tempfile::tempdir().unwrap();
        let (_, mut connection) = record(&folder);
        insert(&connection, 1, 1, &numbered(1..=3)).unwrap();

        let executed = statements(&mut connection, |connection| {
            events(connection, "id-1", 1, 1).unwrap();
            last_events(connection, "id-1", 1).unwrap();
            replace(connection, OWNER, &[(2, "new".to_owned())].into()).unwrap();
        });

        assert_eq!(executed.len(), 3, "{executed:#?}");
        for statement in executed {
            for step in plan(&connection, &statement) {
                assert!(is_lookup(&step), "{statement}: {step}");
            }
        }
    }
}
