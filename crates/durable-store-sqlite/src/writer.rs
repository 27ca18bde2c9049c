//! The thread that writes, with group commit: appends that wait at the same time share a transaction.

use std::thread::JoinHandle;
use std::{io, thread};

use durable_host::store::{Append, ExecutionRow, StatusChange};
use durable_types::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot};

use super::arn_prefix;
use super::commit::Commit;
use super::database::Database;
use super::error::StoreError;
use super::event_table::{self, EventOwner};
use super::execution_name;
use super::input_digest::InputDigest;
use super::reader::wakes_at;
use super::store_metrics::StoreMetrics;

/// Capacity of the queue of appends, and the maximum number of appends per transaction.
const QUEUE_LENGTH: usize = 1_024;

/// A request to the thread.
pub(super) enum Work {
    /// Record events.
    Append(Box<Append>),
    /// Delete the execution with this id and its events.
    Delete(String),
}

impl Work {
    fn append(&self) -> Option<&Append> {
        match self {
            Self::Append(append) => Some(append),
            Self::Delete(_) => None,
        }
    }
}

/// A request, and the channel on which its caller waits for the outcome.
pub(super) struct Job {
    work: Work,
    outcome: oneshot::Sender<Result<(), StoreError>>,
}

impl Job {
    fn answer(self, outcome: Result<(), StoreError>) {
        // The caller may have stopped waiting.
        let _ = self.outcome.send(outcome);
    }
}

/// The handle of the thread that writes.
///
/// # Invariants
/// - An append is acknowledged only after the transaction that holds it was committed.
/// - A failed transaction leaves nothing behind and fails every append in it, unless only one of them may be at fault:
///   then each is retried in a transaction of its own.
/// - A refused append leaves nothing behind and does not affect the others in its transaction.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    metrics: StoreMetrics,
}

impl Writer {
    pub(super) fn start(database: Database, connection: Connection) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(QUEUE_LENGTH);
        Self::start_on(database, connection, sender, receiver)
    }

    fn start_on(
        database: Database,
        connection: Connection,
        sender: mpsc::Sender<Job>,
        receiver: mpsc::Receiver<Job>,
    ) -> io::Result<Self> {
        let metrics = StoreMetrics::default();
        let file = WrittenFile { database, connection, metrics: metrics.clone() };
        let thread =
            thread::Builder::new().name("durable-store".to_owned()).spawn(move || file.serve(receiver))?;
        Ok(Self { jobs: Some(sender), thread: Some(thread), metrics })
    }

    pub(super) async fn write(&self, work: Work) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        let (outcome, committed) = oneshot::channel();
        jobs.send(Job { work, outcome }).await.map_err(|_| StoreError::Closed)?;
        committed.await.map_err(|_| StoreError::Closed)?
    }

    pub(super) fn metrics(&self) -> &StoreMetrics {
        &self.metrics
    }

    /// Returns the queue, without keeping it open.
    pub(super) fn queue(&self) -> Option<mpsc::WeakSender<Job>> {
        self.jobs.as_ref().map(mpsc::Sender::downgrade)
    }
}

impl Drop for Writer {
    /// Waits until everything is written and the file is closed, so that it can be opened again at once.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // The thread returns nothing; if it panicked, its callers have received `Closed`.
            let _ = thread.join();
        }
    }
}

/// The state of the thread.
struct WrittenFile {
    database: Database,
    connection: Connection,
    metrics: StoreMetrics,
}

impl WrittenFile {
    fn serve(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.blocking_recv() {
            let mut group = vec![first];
            while group.len() < QUEUE_LENGTH
                && let Ok(job) = jobs.try_recv()
            {
                group.push(job);
            }
            self.commit(group);
        }
    }

    fn commit(&mut self, group: Vec<Job>) {
        let commit = Commit::begin(group.iter().map(|job| job.work.append()));
        let written = commit.span().in_scope(|| self.write(group.iter().map(|job| &job.work)));
        commit.end(written.is_ok(), &self.metrics);
        match written {
            Ok(verdicts) => {
                for (job, verdict) in group.into_iter().zip(verdicts) {
                    job.answer(verdict);
                }
            }
            // Only one of them may be at fault, so the others must not fail with it.
            Err(failure) if !failure.may_pass() && group.len() > 1 => {
                group.into_iter().for_each(|job| self.commit(vec![job]));
            }
            Err(failure) => group.into_iter().for_each(|job| job.answer(Err(failure.clone()))),
        }
    }

    /// Writes everything in one transaction, and returns whether each request was accepted or refused.
    fn write<'a>(
        &mut self,
        works: impl Iterator<Item = &'a Work>,
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        self.database.check_place()?;
        self.transact(works).map_err(|error| self.database.failure(error))
    }

    fn transact<'a>(
        &mut self,
        works: impl Iterator<Item = &'a Work>,
    ) -> rusqlite::Result<Vec<Result<(), StoreError>>> {
        // Dropped without a commit, the transaction is rolled back.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let verdicts = works.map(|work| match work {
            Work::Append(append) => record(&transaction, append),
            Work::Delete(execution_id) => delete(&transaction, execution_id),
        });
        let verdicts = verdicts.collect::<rusqlite::Result<_>>()?;
        transaction.commit()?;
        Ok(verdicts)
    }
}

/// Records one append, or refuses it before anything of it is written.
fn record(transaction: &Transaction<'_>, append: &Append) -> rusqlite::Result<Result<(), StoreError>> {
    if let Err(refusal) = check_lines(append) {
        return Ok(Err(refusal));
    }
    let found = match &append.created {
        Some(row) => match create(transaction, append, row)? {
            Ok(key) => Some((key, 0)),
            Err(refusal) => return Ok(Err(refusal)),
        },
        None => position(transaction, &append.execution_id)?,
    };
    let Some((key, last)) = found else {
        return Ok(Err(StoreError::UnknownExecution { execution_id: append.execution_id.clone() }));
    };
    let first = match follow(append, last) {
        Ok(first) => first,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(change) = &append.status {
        update(transaction, key, change)?;
    }
    if let Some(wake_up) = append.wake_up {
        let mut update = transaction.prepare_cached("UPDATE executions SET wakes_at = ?2 WHERE key = ?1")?;
        update.execute(params![key, wakes_at(wake_up)])?;
    }
    let owner = EventOwner { key, execution_id: &append.execution_id };
    event_table::replace(transaction, owner, &append.replaced)?;
    event_table::insert(transaction, key, first, &append.events)?;
    Ok(Ok(()))
}

/// Deletes an execution and its events.
fn delete(transaction: &Transaction<'_>, execution_id: &str) -> rusqlite::Result<Result<(), StoreError>> {
    let Some((key, _)) = position(transaction, execution_id)? else {
        return Ok(Err(StoreError::UnknownExecution { execution_id: execution_id.to_owned() }));
    };
    transaction.prepare_cached("DELETE FROM event_blocks WHERE execution = ?1")?.execute([key])?;
    transaction.prepare_cached("DELETE FROM executions WHERE key = ?1")?.execute([key])?;
    Ok(Ok(()))
}

/// Writes the row of a new execution and returns its key.
fn create(
    transaction: &Transaction<'_>,
    append: &Append,
    row: &ExecutionRow,
) -> rusqlite::Result<Result<i64, StoreError>> {
    if let Err(refusal) = follow(append, 0).and_then(|_| check_arn(append, row)) {
        return Ok(Err(refusal));
    }
    let already_recorded = || StoreError::AlreadyRecorded { execution_id: append.execution_id.clone() };
    if execution_name::is_taken(transaction, row)? {
        return Ok(Err(already_recorded()));
    }
    let arn_prefix =
        arn_prefix::prefix(row).map(|prefix| arn_prefix::key(transaction, prefix)).transpose()?;
    let arn = arn_prefix.is_none().then_some(&row.arn);
    let mut insert = transaction.prepare_cached(
        "INSERT INTO executions (execution_id, arn_prefix, arn, function_name, function_version, execution_name,
             input_digest, started_at, status, ended_at, expires_at, imported, wakes_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    let inserted = insert.insert(params![
        append.execution_id,
        arn_prefix,
        arn,
        row.function_name,
        row.function_version,
        execution_name::column(row),
        InputDigest(row.input_digest.clone()),
        row.started_at.as_micros(),
        row.status.as_str(),
        row.ended_at.map(Timestamp::as_micros),
        row.expires_at.map(Timestamp::as_micros),
        row.is_imported,
        wakes_at(row.wake_up),
    ]);
    match inserted {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Ok(Err(already_recorded()))
        }
        inserted => inserted.map(Ok),
    }
}

/// Refuses an ARN that does not end with the id, because ARNs are looked up by ids.
fn check_arn(append: &Append, row: &ExecutionRow) -> Result<(), StoreError> {
    match row.arn.rsplit_once('/') {
        Some((_, execution_id)) if execution_id == append.execution_id => Ok(()),
        _ => {
            Err(StoreError::MismatchedArn { execution_id: append.execution_id.clone(), arn: row.arn.clone() })
        }
    }
}

/// Refuses events with line feeds, which JSON text never contains, because blocks separate events by them.
fn check_lines(append: &Append) -> Result<(), StoreError> {
    let has_line_feed = |(_, event): &(u64, &String)| event.contains('\n');
    let added = (append.first_sequence..=u64::MAX).zip(&append.events);
    let replaced = append.replaced.iter().map(|(sequence, event)| (*sequence, event));
    match added.chain(replaced).find(has_line_feed) {
        Some((sequence, _)) => {
            Err(StoreError::LineFeed { execution_id: append.execution_id.clone(), sequence })
        }
        None => Ok(()),
    }
}

/// Returns the key of an execution and the sequence number of its last event, 0 if it has none.
fn position(transaction: &Transaction<'_>, execution_id: &str) -> rusqlite::Result<Option<(i64, i64)>> {
    let mut select = transaction.prepare_cached(
        "SELECT key, coalesce(
             (SELECT first_sequence + count - 1 FROM event_blocks
              WHERE execution = key ORDER BY first_sequence DESC LIMIT 1), 0)
         FROM executions WHERE execution_id = ?1",
    )?;
    select.query_row([execution_id], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// Returns the sequence number of the append's first event, if it follows the last one recorded and those that it
/// replaces are recorded.
fn follow(append: &Append, last: i64) -> Result<i64, StoreError> {
    let expected = last.saturating_add(1);
    if i64::try_from(append.first_sequence) != Ok(expected) {
        return Err(StoreError::OutOfSequence {
            execution_id: append.execution_id.clone(),
            expected: expected.unsigned_abs(),
            given: append.first_sequence,
        });
    }
    let is_recorded = |sequence: u64| sequence > 0 && sequence < append.first_sequence;
    match append.replaced.keys().find(|sequence| !is_recorded(**sequence)) {
        Some(sequence) => {
            Err(StoreError::UnknownEvent { execution_id: append.execution_id.clone(), sequence: *sequence })
        }
        None => Ok(expected),
    }
}

fn update(transaction: &Transaction<'_>, key: i64, change: &StatusChange) -> rusqlite::Result<()> {
    let mut update = transaction
        .prepare_cached("UPDATE executions SET status = ?2, ended_at = ?3, expires_at = ?4 WHERE key = ?1")?;
    let (ended_at, expires_at) = (change.ended_at, change.expires_at);
    update.execute(params![
        key,
        change.status.as_str(),
        ended_at.map(Timestamp::as_micros),
        expires_at.map(Timestamp::as_micros),
    ])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use durable_host::store::WakeUp;
    use durable_types::{ExecutionStatus, Timestamp};

    use super::super::folder::DataFolder;
    use super::super::random_text::{random_text, random_texts};
    use super::*;

    fn creation(name: &str, event: &str) -> Append {
        let row = ExecutionRow {
            execution_id: name.to_owned(),
            arn: format!("arn/{name}"),
            function_name: "f".to_owned(),
            function_version: "$LATEST".to_owned(),
            execution_name: name.to_owned(),
            input_digest: String::new(),
            started_at: Timestamp::EPOCH,
            status: ExecutionStatus::Running,
            ended_at: None,
            expires_at: None,
            is_imported: false,
            wake_up: WakeUp::AtStart,
        };
        Append {
            execution_id: name.to_owned(),
            first_sequence: 1,
            events: vec![event.to_owned()],
            created: Some(row),
            ..Append::default()
        }
    }

    /// Starts the writer only after all of the appends wait, and gives what became of each.
    fn write_at_once(
        folder: &tempfile::TempDir,
        appends: Vec<Append>,
        prepare: impl FnOnce(&Connection),
    ) -> (u64, Vec<Result<(), StoreError>>) {
        let (database, connection) = Database::open(&DataFolder::claim(folder.path()).unwrap()).unwrap();
        prepare(&connection);
        let (sender, receiver) = mpsc::channel(QUEUE_LENGTH);
        let waiting: Vec<_> = appends
            .into_iter()
            .map(|append| {
                let (outcome, committed) = oneshot::channel();
                sender.try_send(Job { work: Work::Append(Box::new(append)), outcome }).ok().unwrap();
                committed
            })
            .collect();
        let writer = Writer::start_on(database, connection, sender, receiver).unwrap();
        let outcomes = waiting.into_iter().map(|committed| committed.blocking_recv().unwrap()).collect();
        (writer.metrics().commits(), outcomes)
    }

    fn recorded(folder: &tempfile::TempDir) -> i64 {
        let (_, connection) = Database::open(&DataFolder::claim(folder.path()).unwrap()).unwrap();
        connection
            .query_row("SELECT coalesce(sum(count), 0) FROM event_blocks", [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn appends_that_wait_together_share_one_transaction() {
        let folder = tempfile::tempdir().unwrap();
        let appends = (0..500).map(|index| creation(&format!("e{index}"), "{}")).collect();

        let (commits, outcomes) = write_at_once(&folder, appends, |_| {});

        assert_eq!(commits, 1);
        assert!(outcomes.iter().all(Result::is_ok));
        assert_eq!(recorded(&folder), 500);
    }

    #[test]
    fn a_refused_append_does_not_touch_the_others_of_its_transaction() {
        let folder = tempfile::tempdir().unwrap();
        let appends = vec![creation("a", "{}"), creation("a", "{}"), creation("b", "{}")];

        let (commits, outcomes) = write_at_once(&folder, appends, |_| {});

        assert_eq!(commits, 1);
        assert!(matches!(outcomes.as_slice(), [Ok(()), Err(StoreError::AlreadyRecorded { .. }), Ok(())]));
        assert_eq!(recorded(&folder), 2);
    }

    /// Overwrites a range of the file, given in thousandths of its length.
    fn damage(folder: &tempfile::TempDir, from: usize, to: usize) {
        let file = folder.path().join("durable.sqlite3");
        let mut bytes = std::fs::read(&file).unwrap();
        let place = |thousandths| bytes.len() / 1_000 * thousandths;
        let (from, to) = (place(from), place(to));
        bytes[from..to].fill(0xff);
        std::fs::write(&file, bytes).unwrap();
    }

    #[test]
    fn damage_where_one_execution_is_recorded_does_not_touch_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let creations = ["a", "b", "c"].map(|name| {
            let events = random_texts(20_000, 20);
            Append { events, ..creation(name, "") }
        });
        let (_, created) = write_at_once(&folder, creations.into(), |_| {});
        assert!(created.iter().all(Result::is_ok));

        let appends = ["a", "b", "c"].map(|name| Append {
            first_sequence: 20_001,
            created: None,
            ..creation(name, "{}")
        });
        let (commits, outcomes) = write_at_once(&folder, appends.into(), |file| {
            // What has been read already would be found undamaged in memory.
            file.execute_batch("PRAGMA shrink_memory").unwrap();
            damage(&folder, 600, 700);
        });

        assert_eq!(commits, 2);
        let [Ok(()), Err(StoreError::Damaged { .. }), Ok(())] = outcomes.as_slice() else {
            panic!("{outcomes:?}")
        };
    }

    #[test]
    fn a_full_disk_fails_every_append_of_the_transaction_and_records_none() {
        let folder = tempfile::tempdir().unwrap();
        let large = random_text(1, 100_000);
        let appends = vec![creation("a", "{}"), creation("b", &large), creation("c", "{}")];

        let (commits, outcomes) =
            write_at_once(&folder, appends, |file| file.pragma_update(None, "max_page_count", 20).unwrap());

        assert_eq!(commits, 0);
        assert!(
            outcomes.iter().all(|outcome| matches!(outcome, Err(StoreError::Full { .. }))),
            "{outcomes:?}"
        );
        assert_eq!(recorded(&folder), 0);
    }
}
