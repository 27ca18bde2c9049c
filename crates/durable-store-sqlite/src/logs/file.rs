//! The file of the log: how it is opened and written.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use durable_host::logs::LogLine;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params};

use super::error::LogError;
use super::schema;
use crate::private_file;

const FILE: &str = "logs.sqlite3";
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The location of the file.
#[derive(Clone, Debug)]
pub(super) struct LogFile {
    path: PathBuf,
}

impl LogFile {
    /// Opens the file for writing. A damaged one is renamed and replaced.
    pub(super) fn open(folder: &Path) -> Result<(Self, Connection), LogError> {
        let file = Self { path: folder.join(FILE) };
        match file.open_as_it_is() {
            Ok(connection) => return Ok((file, connection)),
            Err(error) if is_damage(&error) => {
                tracing::warn!(file = %file.path.display(), %error, "the log is damaged; starting a new one");
            }
            Err(error) => return Err(file.failure(error)),
        }
        for ending in ["", "-wal", "-shm"] {
            let path = PathBuf::from(format!("{}{ending}", file.path.display()));
            // Some of the files may not exist.
            let _ = fs::rename(&path, PathBuf::from(format!("{}.damaged", path.display())));
        }
        let connection = file.open_as_it_is().map_err(|error| file.failure(error))?;
        Ok((file, connection))
    }

    /// Opens the file for reading.
    pub(super) fn open_reader(&self) -> Result<Connection, LogError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(&self.path, flags)
            .and_then(|connection| connection.busy_timeout(BUSY_TIMEOUT).map(|()| connection))
            .map_err(|error| self.failure(error))
    }

    pub(super) fn failure(&self, error: rusqlite::Error) -> LogError {
        LogError::File { file: self.path.clone(), source: Arc::new(error) }
    }

    fn open_as_it_is(&self) -> rusqlite::Result<Connection> {
        // SQLite copies the permissions of the file to its log and index. If creation fails, opening reports why.
        let _ = private_file::create_empty(&self.path);
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // NORMAL syncs only at checkpoints, so a crash of the system may lose the latest lines.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")?;
        schema::lay_out(&connection)?;
        Ok(connection)
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

/// Adds lines, and removes the oldest ones if the file would exceed a size.
pub(super) fn write<'a>(
    connection: &mut Connection,
    lines: impl IntoIterator<Item = &'a LogLine>,
    max_bytes: u64,
) -> rusqlite::Result<()> {
    // SQLite waits for a lock only at the beginning of a transaction, and not when one that has read begins to write.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO lines (at, function, stream, request_id, execution, text, behind)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let mut latest = latest(&transaction)?;
        for line in lines {
            let LogLine { at, function, stream, request_id, execution, text } = line;
            let at = at.as_millis();
            latest = latest.max(at);
            let behind = latest.saturating_sub(at);
            insert.execute(params![at, function, stream, request_id, execution, text, behind])?;
        }
    }
    // Freed pages are reused, so removing a tenth at a time keeps the file from growing.
    while used_bytes(&transaction)? > max_bytes {
        let removed = transaction.execute(
            "DELETE FROM lines WHERE id <= (SELECT min(id) + (max(id) - min(id)) / 10 FROM lines)",
            [],
        )?;
        if removed == 0 {
            break;
        }
    }
    transaction.commit()
}

/// Removes the lines of an execution.
pub(super) fn forget(connection: &Connection, execution: &str) -> rusqlite::Result<()> {
    let delete = "DELETE FROM lines INDEXED BY lines_by_execution
         WHERE substr(execution, -36) = substr(?1, -36) AND execution = ?1";
    connection.execute(delete, [execution]).map(drop)
}

/// Returns the latest time among all lines written so far.
fn latest(connection: &Connection) -> rusqlite::Result<i64> {
    let mut select = connection.prepare_cached("SELECT at + behind FROM lines ORDER BY id DESC LIMIT 1")?;
    Ok(select.query_row([], |row| row.get(0)).optional()?.unwrap_or(i64::MIN))
}

fn used_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    let pages = pragma("page_count")?.saturating_sub(pragma("freelist_count")?);
    Ok(pages.saturating_mul(pragma("page_size")?).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use durable_types::Timestamp;

    use super::*;

    #[test]
    fn lines_wait_while_another_program_has_the_file_locked() {
        static HAS_WAITED: AtomicBool = AtomicBool::new(false);
        let folder = tempfile::tempdir().unwrap();
        let (file, mut connection) = LogFile::open(folder.path()).unwrap();
        let line = LogLine {
            at: Timestamp::EPOCH,
            function: "order".to_owned(),
            stream: "process/1".to_owned(),
            request_id: None,
            execution: None,
            text: "one".to_owned(),
        };
        write(&mut connection, [&line], u64::MAX).unwrap();
        let other = Connection::open(&file.path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let give_up = |_| {
            HAS_WAITED.store(true, Ordering::Relaxed);
            false
        };
        connection.busy_handler(Some(give_up)).unwrap();

        let refused = write(&mut connection, [&line], u64::MAX);

        assert!(refused.is_err());
        assert!(HAS_WAITED.load(Ordering::Relaxed));
    }
}
