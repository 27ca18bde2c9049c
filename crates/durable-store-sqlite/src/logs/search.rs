//! Finds lines of the log.

use durable_host::logs::{LogLine, LogPage, LogQuery};
use durable_types::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, ToSql};

/// Bytes of the text of a page, after which no line is added; CloudWatch's pages have 1 MB.
const PAGE_BYTES: usize = 1024 * 1024;

/// A query as statements take it.
#[derive(Debug)]
pub(super) struct Search {
    query: LogQuery,
    /// The log streams of the query as JSON, which a statement takes as one value.
    streams: String,
}

impl Search {
    pub(super) fn new(query: LogQuery) -> Self {
        let streams = serde_json::json!(query.streams).to_string();
        Self { query, streams }
    }

    /// Reads one page.
    pub(super) fn read(&self, connection: &Connection) -> rusqlite::Result<LogPage> {
        let query = &self.query;
        let snapshot = connection.unchecked_transaction()?;
        let older = query.start.map(|start| last_before(&snapshot, start)).transpose()?;
        let begin = older.unwrap_or_default().max(query.after);
        let conditions = self.conditions();
        let mut select = snapshot.prepare(&self.statement(&conditions))?;
        let mut parameters: Vec<&dyn ToSql> = conditions.iter().map(|(_, value)| *value).collect();
        parameters.push(&begin);
        let mut rows = select.query(parameters.as_slice())?;
        let (mut page, mut after, mut bytes) = (LogPage::default(), begin, 0_usize);
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
        }
        Ok(page)
    }

    /// The conditions of the query, each with its value.
    fn conditions(&self) -> Vec<(&'static str, &dyn ToSql)> {
        let query = &self.query;
        let mut conditions: Vec<(&'static str, &dyn ToSql)> = Vec::new();
        if let Some(execution) = &query.execution {
            conditions.push(("substr(execution, -36) = substr(?, -36)", execution));
            conditions.push(("execution = ?", execution));
        }
        if let Some(function) = &query.function {
            conditions.push(("function = ?", function));
        }
        if let Some(start) = &query.start {
            conditions.push(("at >= ?", start));
        }
        if let Some(end) = &query.end {
            conditions.push(("at <= ?", end));
        }
        if !query.streams.is_empty() {
            conditions.push(("stream IN (SELECT value FROM json_each(?))", &self.streams));
        }
        if let Some(prefix) = &query.stream_prefix {
            conditions.push(("instr(stream, ?) = 1", prefix));
        }
        conditions
    }

    /// The statement for these conditions. Its index ends with the id, so that a page begins where the last one ended.
    fn statement(&self, conditions: &[(&'static str, &dyn ToSql)]) -> String {
        let index = match &self.query.execution {
            Some(_) => "INDEXED BY lines_by_execution",
            None => "NOT INDEXED",
        };
        let conditions: String =
            conditions.iter().map(|(condition, _)| format!("{condition} AND ")).collect();
        format!(
            "SELECT id, at, function, stream, request_id, execution, text FROM lines {index}
             WHERE {conditions} id > ? ORDER BY id"
        )
    }
}

/// The greatest id up to which all lines are known to be older than a time.
fn last_before(connection: &Connection, time: i64) -> rusqlite::Result<i64> {
    let end = |order: &str| {
        let text = format!("SELECT id FROM lines ORDER BY id {order} LIMIT 1");
        connection.query_row(&text, [], |row| row.get::<_, i64>(0)).optional()
    };
    let (Some(first), Some(last)) = (end("ASC")?, end("DESC")?) else { return Ok(0) };
    let mut probe =
        connection.prepare("SELECT id, at + behind FROM lines WHERE id >= ?1 ORDER BY id LIMIT 1")?;
    // All lines below `low` are older; `at + behind` of those from `high` on is not.
    let (mut low, mut high) = (first, last.saturating_add(1));
    while low < high {
        let middle = i64::midpoint(low, high);
        let found = probe.query_row([middle], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
        match found.optional()? {
            Some((id, latest)) if latest < time => low = id.saturating_add(1),
            Some(_) | None => high = middle,
        }
    }
    Ok(low.saturating_sub(1))
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

#[cfg(test)]
mod tests {
    use super::super::file::{self, LogFile};
    use super::*;
    use crate::query_plan::{cost, plan, statements};
    use durable_host::logs::Pattern;

    const PLENTY: u64 = 1024 * 1024 * 1024;

    /// A log of this many lines, of which every tenth is as old as one written long before.
    fn log(folder: &tempfile::TempDir, lines: i64) -> (Connection, Vec<LogLine>) {
        let (_, mut connection) = LogFile::open(folder.path()).unwrap();
        let line = |index: i64| LogLine {
            at: Timestamp::from_millis(if index % 10 == 9 { index / 2 } else { index } / 3),
            function: if index % 3 == 0 { "tax" } else { "order" }.to_owned(),
            stream: format!("process/{}", index % 5),
            request_id: (index % 4 > 0).then(|| format!("request-{}", index / 8)),
            execution: (index % 4 > 1)
                .then(|| format!("arn:aws:lambda/durable-execution/e{0}/id-{0}", index / 20)),
            text: format!("line {}", index % 7),
        };
        let lines: Vec<_> = (1..=lines).map(line).collect();
        for lines in lines.chunks(64) {
            file::write(&mut connection, lines, PLENTY).unwrap();
        }
        (connection, lines)
    }

    /// Every combination of the parts of a query, for a log of this many lines.
    fn searches(lines: i64) -> Vec<Search> {
        let query = LogQuery { limit: 10, ..LogQuery::default() };
        let mut searches = vec![Search::new(query)];
        let mut also = |change: &dyn Fn(&mut Search)| {
            let copy = |search: &Search| Search::new(search.query.clone());
            let mut more: Vec<_> = searches.iter().map(copy).collect();
            more.iter_mut().for_each(change);
            searches.extend(more);
        };
        let (middle, number) = (lines / 2, lines / 40);
        also(&|search| {
            search.query.execution = Some(format!("arn:aws:lambda/durable-execution/e{number}/id-{number}"));
        });
        also(&|search| search.query.function = Some("order".to_owned()));
        also(&|search| search.query.start = Some(middle / 3));
        also(&|search| search.query.end = Some(middle / 3 + 2));
        also(&|search| search.query.streams = vec!["process/1".to_owned(), "process/2".to_owned()]);
        also(&|search| search.query.stream_prefix = Some("process/".to_owned()));
        also(&|search| search.query.pattern = Pattern::parse("-6").unwrap());
        also(&|search| search.query.after = middle);
        searches.into_iter().map(|search| Search::new(search.query)).collect()
    }

    fn expected(lines: &[LogLine], Search { query, .. }: &Search) -> Vec<i64> {
        let is_found = |(id, line): &(i64, &LogLine)| {
            *id > query.after
                && (query.execution.is_none() || line.execution == query.execution)
                && query.function.as_ref().is_none_or(|function| line.function == *function)
                && query.start.is_none_or(|start| line.at.as_millis() >= start)
                && query.end.is_none_or(|end| line.at.as_millis() <= end)
                && (query.streams.is_empty() || query.streams.contains(&line.stream))
                && query.stream_prefix.as_ref().is_none_or(|prefix| line.stream.starts_with(prefix.as_str()))
                && query.pattern.matches(&line.text)
        };
        (1..).zip(lines).filter(is_found).map(|(id, _)| id).collect()
    }

    #[test]
    fn every_combination_of_conditions_finds_each_line_once() {
        let folder = tempfile::tempdir().unwrap();
        let (connection, lines) = log(&folder, 400);
        let mut empty = 0;

        for mut search in searches(400) {
            let (mut found, expected) = (Vec::new(), expected(&lines, &search));
            loop {
                let page = search.read(&connection).unwrap();
                found.extend(page.lines.into_iter().map(|(id, _)| id));
                let Some(next) = page.next else { break };
                search.query.after = next;
            }

            assert_eq!(found, expected, "{search:?}");
            empty += usize::from(found.is_empty());
        }
        assert!(empty < 128, "{empty} of 256 combinations find nothing");
    }

    #[test]
    fn no_combination_of_conditions_scans_a_log_from_its_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let (mut connection, _) = log(&folder, 400);

        for search in searches(400) {
            let executed = statements(&mut connection, |connection| drop(search.read(connection).unwrap()));

            let index = match &search.query.execution {
                Some(_) => "SEARCH lines USING INDEX lines_by_execution (<expr>=? AND id>?)",
                None => "SEARCH lines USING INTEGER PRIMARY KEY (rowid>?)",
            };
            let text = executed.iter().find(|text| text.contains("text FROM lines")).unwrap();
            let steps = plan(&connection, text);
            assert_eq!(steps.first().map(String::as_str), Some(index), "{text}");
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{text}: {steps:?}");
        }
    }

    #[test]
    fn lines_of_an_execution_and_new_lines_cost_no_more_in_a_longer_log() {
        let (short, long) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let ((mut short, _), (mut long, _)) = (log(&short, 1_000), log(&long, 10_000));
        let is_selective = |search: &Search| search.query.execution.is_some();

        for (in_short, in_long) in
            searches(1_000).iter().zip(&searches(10_000)).filter(|it| is_selective(it.0))
        {
            let few = cost(&mut short, |connection| drop(in_short.read(connection).unwrap()));
            let many = cost(&mut long, |connection| drop(in_long.read(connection).unwrap()));

            assert!(many < few + 500, "{many} instead of {few}: {in_long:?}");
        }
        let since =
            |lines: i64| LogQuery { start: Some((lines - 10) / 3), limit: 100, ..LogQuery::default() };
        let few = cost(&mut short, |connection| drop(Search::new(since(1_000)).read(connection).unwrap()));
        let many = cost(&mut long, |connection| drop(Search::new(since(10_000)).read(connection).unwrap()));
        assert!(many < few + 500, "{many} instead of {few}");
    }
}
