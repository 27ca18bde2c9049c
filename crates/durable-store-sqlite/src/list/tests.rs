//! Every combination of filters: what it finds, by which plan, and at what cost.

use std::collections::BTreeSet;

use durable_host::store::{ExecutionFilter, ExecutionRow, PagePosition, WakeUp};
use durable_types::{ExecutionStatus, Timestamp};
use rusqlite::{Connection, params};

use super::*;
use crate::database::Database;
use crate::execution_name;
use crate::folder::DataFolder;
use crate::query_plan::{cost, is_lookup, plan, statements};

const INSERT: &str = "INSERT INTO executions (execution_id, arn, function_name, function_version, execution_name, \
     input_digest, started_at, status, ended_at, expires_at, imported) \
     VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, ?7, ?8, NULL, ?9)";

/// The rows of this many executions, with their keys; many share a time, and every tenth starts earlier than the one
/// before it.
fn rows(executions: i64) -> Vec<(i64, ExecutionRow)> {
    (1..).zip((0..executions).map(row)).collect()
}

fn row(index: i64) -> ExecutionRow {
    let status = match index % 7 {
        0 => ExecutionStatus::Running,
        1 if index < 50 => ExecutionStatus::Paused,
        2 => ExecutionStatus::Failed,
        _ => ExecutionStatus::Succeeded,
    };
    let is_imported = index % 10 == 9;
    let started_at = if is_imported { index / 2 } else { index } / 3;
    let has_ended = matches!(status, ExecutionStatus::Failed | ExecutionStatus::Succeeded);
    ExecutionRow {
        execution_id: format!("id-{index}"),
        arn: format!("arn/id-{index}"),
        function_name: if index % 4 == 0 { "tax" } else { "order" }.to_owned(),
        function_version: if index % 9 == 0 { "7" } else { "$LATEST" }.to_owned(),
        execution_name: name(index),
        input_digest: String::new(),
        started_at: Timestamp::from_micros(started_at),
        status,
        ended_at: has_ended.then(|| Timestamp::from_micros(started_at + 1)),
        expires_at: None,
        is_imported,
        wake_up: WakeUp::AtStart,
    }
}

/// The id of an unnamed execution of another function or of a named one of the same function, the execution's own id, a
/// name that another function has too, or one that is unique.
fn name(index: i64) -> String {
    match index % 40 {
        21 | 23 => format!("id-{}", index - 1),
        remainder if remainder % 5 == 0 => format!("id-{index}"),
        remainder if remainder % 8 == 4 => format!("e{}", index - 1),
        _ => format!("e{index}"),
    }
}

/// A record of this many executions.
fn record(folder: &tempfile::TempDir, executions: i64) -> Connection {
    let (_, mut connection) = Database::open(&DataFolder::claim(folder.path()).unwrap()).unwrap();
    let transaction = connection.transaction().unwrap();
    for (_, row) in rows(executions) {
        let values = params![
            row.execution_id,
            row.arn,
            row.function_name,
            row.function_version,
            execution_name::column(&row),
            row.started_at.as_micros(),
            row.status.as_str(),
            row.ended_at.map(Timestamp::as_micros),
            row.is_imported,
        ];
        transaction.prepare_cached(INSERT).unwrap().execute(values).unwrap();
    }
    transaction.commit().unwrap();
    connection
}

/// Every combination of the parts of a filter, for a record of this many executions.
fn filters(executions: i64) -> Vec<ExecutionFilter> {
    let mut filters = vec![ExecutionFilter::default()];
    let mut also = |change: &dyn Fn(&mut ExecutionFilter)| {
        let mut more = filters.clone();
        more.iter_mut().for_each(change);
        filters.extend(more);
    };
    let middle = executions / 6;
    also(&|filter| filter.function_name = Some("order".to_owned()));
    also(&|filter| filter.function_version = Some("7".to_owned()));
    also(&|filter| filter.statuses.push(ExecutionStatus::Paused));
    also(&|filter| filter.statuses.push(ExecutionStatus::Succeeded));
    also(&|filter| filter.started_after = Some(Timestamp::from_micros(middle / 2)));
    also(&|filter| filter.started_before = Some(Timestamp::from_micros(middle + middle / 2)));
    also(&|filter| filter.after = Some(PagePosition { started_at: middle, key: middle * 3 }));
    also(&|filter| filter.newest_first = true);
    let named = ["e27", "id-180"].map(|name| {
        let name = Some(name.to_owned());
        filters.iter().map(move |filter| ExecutionFilter { execution_name: name.clone(), ..filter.clone() })
    });
    let named: Vec<_> = named.into_iter().flatten().collect();
    filters.into_iter().chain(named).collect()
}

/// What a filter must find, from all rows with their keys.
fn expected(rows: &[(i64, ExecutionRow)], filter: &ExecutionFilter) -> Vec<String> {
    let position = |key: i64, row: &ExecutionRow| (row.started_at.as_micros(), key);
    let after = filter.after.map(|after| (after.started_at, after.key));
    let mut found: Vec<_> = rows
        .iter()
        .filter(|(key, row)| {
            filter.function_name.as_ref().is_none_or(|it| *it == row.function_name)
                && filter.function_version.as_ref().is_none_or(|it| *it == row.function_version)
                && filter.execution_name.as_ref().is_none_or(|it| *it == row.execution_name)
                && (filter.statuses.is_empty() || filter.statuses.contains(&row.status))
                && filter.started_after.is_none_or(|it| row.started_at > it)
                && filter.started_before.is_none_or(|it| row.started_at < it)
                && after.is_none_or(|after| {
                    if filter.newest_first {
                        position(*key, row) < after
                    } else {
                        position(*key, row) > after
                    }
                })
        })
        .collect();
    found.sort_by_key(|(key, row)| position(*key, row));
    if filter.newest_first {
        found.reverse();
    }
    found.into_iter().map(|(_, row)| row.execution_id.clone()).collect()
}

fn all_rows(connection: &Connection) -> Vec<(i64, ExecutionRow)> {
    let text = format!("SELECT {}, key FROM executions", crate::reader::ROW_COLUMNS);
    let mut select = connection.prepare(&text).unwrap();
    let rows = select.query_map([], |row| Ok((row.get("key")?, crate::reader::row(row)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn every_combination_of_filters_finds_each_execution_once_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let connection = record(&folder, 300);
    let (rows, filters, mut empty) = (rows(300), filters(300), 0);

    for filter in &filters {
        let (mut found, mut rest) = (Vec::new(), filter.clone());
        loop {
            let page = page(&connection, &rest, 7).unwrap();
            found.extend(page.executions.into_iter().map(|row| row.execution_id));
            rest.after = page.next;
            if page.next.is_none() {
                break;
            }
        }

        assert_eq!(found, expected(&rows, filter), "{filter:?}");
        empty += usize::from(found.is_empty());
    }
    assert!(empty < filters.len() / 2, "{empty} of {} combinations find nothing", filters.len());
}

#[test]
fn every_execution_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let connection = record(&folder, 300);

    assert_eq!(all_rows(&connection), rows(300));
}

#[test]
fn a_prefix_finds_the_names_and_the_ids_that_start_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let connection = record(&folder, 300);

    for (prefix, function) in ["e1", "e27", "id-1", "id-18", "id-180", "id-2", "i", "x"]
        .into_iter()
        .flat_map(|prefix| [None, Some("order"), Some("tax")].map(|function| (prefix, function)))
    {
        let mut expected = rows(300);
        expected.retain(|(_, row)| {
            (row.execution_name.starts_with(prefix) || row.execution_id.starts_with(prefix))
                && function.is_none_or(|function| row.function_name == function)
        });
        let expected: Vec<_> = expected.into_iter().map(|(_, row)| row).collect();

        let all = beginning_with(&connection, prefix, function, 300).unwrap();
        let some = beginning_with(&connection, prefix, function, 7).unwrap();

        assert_eq!(all, expected, "{prefix} {function:?}");
        assert_eq!(some.len(), expected.len().min(7), "{prefix} {function:?}");
        assert!(some.iter().all(|row| expected.contains(row)), "{prefix} {function:?}");
    }
}

#[test]
fn no_combination_of_filters_scans_or_sorts() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = record(&folder, 300);
    let mut explained = BTreeSet::new();

    for filter in filters(300) {
        let executed = statements(&mut connection, |connection| drop(page(connection, &filter, 10).unwrap()));

        assert!(!executed.is_empty(), "{filter:?}");
        for statement in executed {
            for step in plan(&connection, &statement) {
                assert!(is_lookup(&step), "{filter:?}: {statement}: {step}");
            }
            explained.insert(statement);
        }
    }
    assert!(explained.len() < 12, "the statements fit into the cache of a connection: {explained:#?}");
}

#[test]
fn a_prefix_is_found_without_scanning_or_sorting() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = record(&folder, 300);

    for function in [None, Some("order")] {
        let executed = statements(&mut connection, |connection| {
            assert!(!beginning_with(connection, "e1", function, 10).unwrap().is_empty());
        });

        for statement in executed {
            for step in plan(&connection, &statement) {
                assert!(is_lookup(&step), "{statement}: {step}");
            }
        }
    }
}

#[test]
fn no_combination_of_filters_costs_more_among_more_executions() {
    let (small, large) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut small, mut large) = (record(&small, 1_000), record(&large, 10_000));

    for (in_small, in_large) in filters(1_000).into_iter().zip(filters(10_000)) {
        let few = cost(&mut small, |connection| drop(page(connection, &in_small, 10).unwrap()));
        let many = cost(&mut large, |connection| drop(page(connection, &in_large, 10).unwrap()));

        assert!(many < few + 1_000, "{many} instead of {few}: {in_large:?}");
    }
}
