//! The file that holds the log.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use durable_host::logs::{LogLine, LogPage, LogQuery};
use durable_types::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, params};

use super::error::LogError;
use crate::private_file;

const FILE: &str = "logs.sqlite3";
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The form of the file. One of another form is begun anew: it holds nothing that must not be lost.
const VERSION: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE lines (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        function TEXT NOT NULL,
        stream TEXT NOT NULL,
        request_id TEXT,
        execution TEXT,
        text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX lines_by_execution ON lines (execution, id) WHERE execution IS NOT NULL;
";

/// Lines that are read at once, before those that do not match are left out.
const WINDOW: i64 = 1_000;
/// Bytes of the text of a page, after which no line is added; CloudWatch's pages have 1 MB.
const PAGE_BYTES: usize = 1024 * 1024;

/// Where the file is.
#[derive(Clone, Debug)]
pub(super) struct LogFile {
    path: PathBuf,
}

impl LogFile {
    /// Opens the file for writing. One that is damaged is put aside.
    pub(super) fn open(folder: &Path) -> Result<(Self, Connection), LogError> {
        let file = Self { path: folder.join(FILE) };
        match file.open_as_it_is() {
            Ok(connection) => return Ok((file, connection)),
            Err(error) if is_damage(&error) => {
                tracing::warn!(file = %file.path.display(), %error, "the log is damaged and begun anew");
            }
            Err(error) => return Err(file.failure(error)),
        }
        for ending in ["", "-wal", "-shm"] {
            let path = PathBuf::from(format!("{}{ending}", file.path.display()));
            // What is not there need not be put aside.
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
        // SQLite gives its log and its index the permissions of the file. Should it not be created here, SQLite says why.
        let _ = private_file::create_empty(&self.path);
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // NORMAL waits for the disk only now and then: a crash of the system may cost the last lines.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")?;
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version != VERSION {
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; DROP TABLE IF EXISTS lines; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;"
            ))?;
        }
        Ok(connection)
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

/// Adds lines, and removes the oldest ones if the file would grow beyond so many bytes.
pub(super) fn write<'a>(
    connection: &mut Connection,
    lines: impl IntoIterator<Item = &'a LogLine>,
    max_bytes: u64,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO lines (at, function, stream, request_id, execution, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for line in lines {
            let LogLine { at, function, stream, request_id, execution, text } = line;
            insert.execute(params![at.as_millis(), function, stream, request_id, execution, text])?;
        }
    }
    // Pages that were freed are used again, so that a tenth at a time keeps the file from growing.
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
    connection.execute("DELETE FROM lines WHERE execution = ?1", [execution]).map(drop)
}

fn used_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    let pages = pragma("page_count")?.saturating_sub(pragma("freelist_count")?);
    Ok(pages.saturating_mul(pragma("page_size")?).unsigned_abs())
}

/// Reads one page of the lines that are asked for.
pub(super) fn read(connection: &Connection, query: &LogQuery) -> rusqlite::Result<LogPage> {
    let streams = (!query.streams.is_empty()).then(|| serde_json::json!(query.streams).to_string());
    let mut select = connection.prepare(
        "SELECT id, at, function, stream, request_id, execution, text FROM lines
         WHERE id > ?1 AND (?2 IS NULL OR function = ?2) AND (?3 IS NULL OR execution = ?3)
             AND (?4 IS NULL OR at >= ?4) AND (?5 IS NULL OR at <= ?5)
             AND (?6 IS NULL OR stream IN (SELECT value FROM json_each(?6)))
             AND (?8 IS NULL OR substr(stream, 1, length(?8)) = ?8)
         ORDER BY id LIMIT ?7",
    )?;
    let (mut page, mut after, mut bytes) = (LogPage::default(), query.after, 0_usize);
    loop {
        let parameters = params![
            after,
            query.function,
            query.execution,
            query.start,
            query.end,
            streams,
            WINDOW,
            query.stream_prefix
        ];
        let mut rows = select.query(parameters)?;
        let mut seen = 0_i64;
        while let Some(row) = rows.next()? {
            let (id, line) = line(row)?;
            if query.pattern.matches(&line.text) {
                if page.lines.len() >= query.limit || bytes > PAGE_BYTES {
                    page.next = Some(after);
                    return Ok(page);
                }
                bytes = bytes.saturating_add(line.text.len());
                page.lines.push((id, line));
            }
            after = id;
            seen = seen.saturating_add(1);
        }
        if seen < WINDOW {
            return Ok(page);
        }
    }
}

fn line(row: &Row<'_>) -> rusqlite::Result<(i64, LogLine)> {
    let line = LogLine {
        at: Timestamp::from_millis(row.get("at")?),
        function: row.get("function")?,
        stream: row.get("stream")?,
        request_id: row.get("request_id")?,
        execution: row.get("execution")?,
        text: row.get("text")?,
    };
    Ok((row.get("id")?, line))
}
