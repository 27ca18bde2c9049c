//! A full log, searched for the lines of one execution and followed.

use std::path::Path;
use std::time::Instant;

use durable_store_sqlite::logs::{LogLine, LogQuery, LogStore, Pattern};
use durable_types::Timestamp;

use crate::lists::row;
use crate::timing::time;

/// What the log holds, as it does by default.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Lines that are written. The first of them are removed.
const LINES: usize = 400_000;
/// Lines that each execution prints.
const LINES_OF_EACH: usize = 10;
/// Lines of a page, as FilterLogEvents gives them by default.
const PAGE: usize = 10_000;

pub(crate) async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let log = LogStore::open(folder.path(), MAX_BYTES).unwrap();
    (0..LINES).for_each(|index| log.write(line(index)));
    let all = LogQuery { limit: PAGE, ..LogQuery::default() };
    let first = log.read(LogQuery { limit: 1, ..all.clone() }).await.unwrap().lines[0].0;
    let kept = LINES as i64 + 1 - first;
    println!(
        "# a log of {kept} lines, {} bytes each, written in {:.0?}",
        bytes(folder.path()) / kept as u64,
        begun.elapsed()
    );

    let execution = LogQuery { execution: line(LINES - LINES / 10).execution, ..all.clone() };
    let pattern = Pattern::parse("\"line 7\"").unwrap();
    let function = Some("function-0".to_owned());
    let last = line(LINES - 1).at.as_millis();
    let queries = [
        ("an execution", execution.clone()),
        ("an execution and its function", LogQuery { function: function.clone(), ..execution.clone() }),
        ("an execution with a pattern", LogQuery { pattern: pattern.clone(), ..execution.clone() }),
        ("an execution behind its last line", LogQuery { after: LINES as i64, ..execution.clone() }),
        ("an execution since the last line", LogQuery { start: Some(last), ..execution }),
        ("an unknown execution", LogQuery { execution: Some("arn:nobody".to_owned()), ..all.clone() }),
        ("since the last line", LogQuery { start: Some(last), ..all.clone() }),
        ("a function since the last line", LogQuery { start: Some(last), function, ..all.clone() }),
        ("a pattern since the last line", LogQuery { start: Some(last), pattern, ..all.clone() }),
        ("behind the last line", LogQuery { after: LINES as i64, ..all.clone() }),
        ("the first page", all),
    ];
    for (label, query) in queries {
        time(label, async || log.read(query.clone()).await.unwrap().lines.len()).await;
    }
}

fn bytes(folder: &Path) -> u64 {
    std::fs::metadata(folder.join("logs.sqlite3")).unwrap().len()
}

fn line(index: usize) -> LogLine {
    let number = index / LINES_OF_EACH;
    let execution = row(number);
    LogLine {
        at: Timestamp::from_millis(1_767_323_045_000 + index as i64),
        function: execution.function_name,
        stream: format!("process/{}", number % 8),
        request_id: Some(execution.execution_id),
        execution: Some(execution.arn),
        text: format!(
            "line {} of an execution, as long as lines usually are, with some values",
            index % LINES_OF_EACH
        ),
    }
}
