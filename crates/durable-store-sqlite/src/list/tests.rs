//! Every combination of filters: what it finds, by which plan, and at what cost.

use std::collections::BTreeSet;

use durable_host::store::{ExecutionFilter, ExecutionRow, PagePosition};
use durable_types::{ExecutionStatus, Timestamp};
use rusqlite::Connection;

use super::*;
use crate::database::Database;
use crate::folder::DataFolder;
use crate::query_plan::{cost, is_lookup, plan, statements};

const INSERT: &str = "INSERT INTO executions (execution_id, arn, function_name, function_version, execution_name, \
     input_digest, started_at, status, ended_at, expires_at, imported) \
     VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, ?7, ?8, NULL, ?9)";

/// A record of this many executions; many share a time, and every tenth starts earlier than the one before it.
fn record(folder: &tempfile::TempDir, executions: i64) -> Connection {
    let (_, mut connection) = Database::open(&DataFolder::claim(folder.path()).unwrap()).unwrap();
    let transaction = connection.transaction().unwrap();
    for index in 0..executions {
        let function = if index % 4 == 0 { "tax" } else { "order" };
        let version = if index % 9 == 0 { "7" } else { "$LATEST" };
        let name = format!("e{}", if index % 8 == 4 { index - 1 } else { index });
        let status = match index % 7 {
            0 => "RUNNING",
            1 if index < 50 => "PAUSED",
            2 => "FAILED",
            _ => "SUCCEEDED",
        };
        let is_imported = index % 10 == 9;
        let started_at = if is_imported { index / 2 } else { index } / 3;
        let ended_at = matches!(status, "FAILED" | "SUCCEEDED").then_some(started_at + 1);
        let (id, arn) = (format!("id-{index}"), format!("arn/id-{index}"));
        let values = (id, arn, function, version, name, started_at, status, ended_at, is_imported);
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
    also(&|filter| filter.execution_name = Some("e27".to_owned()));
    also(&|filter| filter.statuses.push(ExecutionStatus::Paused));
    also(&|filter| filter.statuses.push(ExecutionStatus::Succeeded));
    also(&|filter| filter.started_after = Some(Timestamp::from_micros(middle / 2)));
    also(&|filter| filter.started_before = Some(Timestamp::from_micros(middle + middle / 2)));
    also(&|filter| filter.after = Some(PagePosition { started_at: middle, key: middle * 3 }));
    also(&|filter| filter.newest_first = true);
    filters
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
    let rows = all_rows(&connection);
    let mut empty = 0;

    for filter in filters(300) {
        let (mut found, mut rest) = (Vec::new(), filter.clone());
        loop {
            let page = page(&connection, &rest, 7).unwrap();
            found.extend(page.executions.into_iter().map(|row| row.execution_id));
            rest.after = page.next;
            if page.next.is_none() {
                break;
            }
        }

        assert_eq!(found, expected(&rows, &filter), "{filter:?}");
        empty += usize::from(found.is_empty());
    }
    assert!(empty < 512 / 2, "{empty} of 512 combinations find nothing");
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
