//! Lists of many executions, filtered in every way.

use std::path::Path;
use std::time::Instant;

use durable_store_sqlite::{Append, ExecutionFilter, ExecutionRow, StatusChange, Store, WakeUp};
use durable_types::{ExecutionStatus, Timestamp};

use crate::timing::time;

/// Executions of a page, as the API gives them by default.
const PAGE: usize = 100;
/// The page that is measured besides the first.
const DEEP: usize = 1_000;
/// Appends that wait for the disk together.
const AT_ONCE: usize = 1_000;
/// When the first execution starts; one follows each second.
const EPOCH: i64 = 1_767_323_045_000_000;
const SECOND: i64 = 1_000_000;

pub(crate) async fn measure(rows: usize) {
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    fill(folder.path(), rows).await;
    let bytes = std::fs::metadata(folder.path().join("durable.sqlite3")).unwrap().len();
    println!(
        "# lists of {rows} executions, {} bytes each, built in {:.0?}",
        bytes / rows as u64,
        begun.elapsed()
    );
    let store = Store::open(folder.path()).unwrap();
    for (label, filter) in filters(rows) {
        for newest_first in [false, true] {
            let filter = ExecutionFilter { newest_first, ..filter.clone() };
            let order = if newest_first { "newest first" } else { "oldest first" };
            time(&format!("{label}, {order}"), || found(&store, &filter)).await;
            if let Some(deep) = deep_page(&store, filter).await {
                time(&format!("{label}, {order}, page {DEEP}"), || found(&store, &deep)).await;
            }
        }
    }
    let created = mixed_row(rows / 2);
    time("by ARN", async || usize::from(store.execution_by_arn(&created.arn).await.unwrap().is_some())).await;
    for (label, prefix) in
        [("beginning of an id", &created.execution_id[..8]), ("beginning of names", "order-")]
    {
        time(label, async || store.beginning_with(prefix, None, PAGE).await.unwrap().len()).await;
    }
    time("unfinished", async || store.unfinished().await.unwrap().len()).await;
}

/// Turns the pages up to the deep one. None: there are fewer.
async fn deep_page(store: &Store, mut filter: ExecutionFilter) -> Option<ExecutionFilter> {
    for _ in 1..DEEP {
        filter.after = Some(store.list(filter.clone(), PAGE).await.unwrap().next?);
    }
    Some(filter)
}

async fn found(store: &Store, filter: &ExecutionFilter) -> usize {
    store.list(filter.clone(), PAGE).await.unwrap().executions.len()
}

/// Each filter by itself, and the combinations of which one part is rare and another one frequent.
fn filters(rows: usize) -> Vec<(&'static str, ExecutionFilter)> {
    let all = ExecutionFilter::default();
    let function = |name: &str| ExecutionFilter { function_name: Some(name.to_owned()), ..all.clone() };
    let statuses =
        |statuses: &[ExecutionStatus]| ExecutionFilter { statuses: statuses.to_vec(), ..all.clone() };
    let second = |index: usize| Some(Timestamp::from_micros(EPOCH + index as i64 * SECOND));
    let (early, late) = (second(rows / 100), second(rows - rows / 100));
    let name = Some(mixed_row(rows / 2 + 1).execution_name);
    let generated = Some(mixed_row(rows / 2).execution_name);
    let version = Some("7".to_owned());
    let frequent = function("function-0");
    let paused = statuses(&[ExecutionStatus::Paused]);
    vec![
        ("all", all.clone()),
        ("frequent function", frequent.clone()),
        ("rare function", function("function-17")),
        ("unknown function", function("nobody")),
        ("rare version", ExecutionFilter { function_version: version.clone(), ..all.clone() }),
        (
            "frequent function, rare version",
            ExecutionFilter { function_version: version, ..frequent.clone() },
        ),
        ("name", ExecutionFilter { execution_name: name.clone(), ..all.clone() }),
        ("generated name", ExecutionFilter { execution_name: generated.clone(), ..all.clone() }),
        ("function, generated name", ExecutionFilter { execution_name: generated, ..frequent.clone() }),
        ("unknown name", ExecutionFilter { execution_name: Some("nobody".to_owned()), ..all.clone() }),
        ("function, name", ExecutionFilter { execution_name: name.clone(), ..frequent.clone() }),
        ("frequent status", statuses(&[ExecutionStatus::Succeeded])),
        ("rare status", paused.clone()),
        ("absent status", statuses(&[ExecutionStatus::TimedOut])),
        ("frequent and rare status", statuses(&[ExecutionStatus::Failed, ExecutionStatus::Paused])),
        (
            "frequent function, rare status",
            ExecutionFilter { statuses: paused.statuses.clone(), ..frequent.clone() },
        ),
        ("started late", ExecutionFilter { started_after: late, ..all.clone() }),
        ("started early", ExecutionFilter { started_before: early, ..all.clone() }),
        ("started late, rare status", ExecutionFilter { started_after: late, ..paused.clone() }),
        ("started early, rare status", ExecutionFilter { started_before: early, ..paused }),
        ("started late, frequent function", ExecutionFilter { started_after: late, ..frequent.clone() }),
        ("started early, frequent function", ExecutionFilter { started_before: early, ..frequent }),
        ("started late, name", ExecutionFilter { started_after: late, execution_name: name, ..all.clone() }),
        (
            "started within a second",
            ExecutionFilter { started_after: second(rows / 2), started_before: second(rows / 2 + 2), ..all },
        ),
    ]
}

/// Records the executions, most of which have ended.
async fn fill(folder: &Path, rows: usize) {
    let store = Store::open(folder).unwrap();
    let mut next = 0;
    while next < rows {
        let appends: Vec<_> = (next..rows.min(next + AT_ONCE))
            .map(|index| {
                let store = store.clone();
                tokio::spawn(async move { store.append(append(index, rows)).await.unwrap() })
            })
            .collect();
        next += appends.len();
        for append in appends {
            append.await.unwrap();
        }
    }
}

fn append(index: usize, rows: usize) -> Append {
    let created = mixed_row(index);
    let status = status(index, rows);
    let ended_at = matches!(status, ExecutionStatus::Succeeded | ExecutionStatus::Failed)
        .then(|| Timestamp::from_micros(created.started_at.as_micros() + SECOND));
    Append {
        execution_id: created.execution_id.clone(),
        first_sequence: 1,
        events: vec![format!("{{\"event\":{index}}}")],
        status: Some(StatusChange { status, ended_at, expires_at: ended_at }),
        created: Some(created),
        ..Append::default()
    }
}

/// One execution in 20 failed, one in 1,000 runs, and three of the first ones are paused.
fn status(index: usize, rows: usize) -> ExecutionStatus {
    match index {
        10 | 200 | 3_000 => ExecutionStatus::Paused,
        index if index % 1_000 == 0 => ExecutionStatus::Running,
        index if index % 20 == 0 && index < rows => ExecutionStatus::Failed,
        _ => ExecutionStatus::Succeeded,
    }
}

/// Four executions in five are of one function; one in 10,000 is of another version of it, and one in 100 was imported
/// and started long before those recorded about that time.
pub(crate) fn row(index: usize) -> ExecutionRow {
    let function = if index.is_multiple_of(5) { index / 5 % 20 } else { 0 };
    let version = if index % 10_000 == 1 { "7" } else { "$LATEST" };
    let id = id(index);
    let name = format!("order-{id}");
    let is_imported = index % 100 == 99;
    let second = if is_imported { index / 2 } else { index };
    ExecutionRow {
        arn: format!(
            "arn:aws:lambda:us-east-1:000000000000:function:function-{function}:{version}/durable-execution/{name}/{id}"
        ),
        execution_id: id,
        function_name: format!("function-{function}"),
        function_version: version.to_owned(),
        execution_name: name,
        input_digest: "1e4f3f0324d8f3ff1f537b805ae58b0e1e583f4f7e914be3bddcf09e1e6fbb7b".to_owned(),
        started_at: Timestamp::from_micros(EPOCH + second as i64 * SECOND),
        status: ExecutionStatus::Running,
        ended_at: None,
        expires_at: None,
        is_imported,
        wake_up: WakeUp::AtStart,
    }
}

/// An execution that was started without a name, so its id is its name.
pub(crate) fn unnamed_row(index: usize) -> ExecutionRow {
    let named = row(index);
    let id = named.execution_id.clone();
    ExecutionRow { arn: named.arn.replace(&named.execution_name, &id), execution_name: id, ..named }
}

/// Half of the executions have names of their own.
fn mixed_row(index: usize) -> ExecutionRow {
    if index.is_multiple_of(2) { unnamed_row(index) } else { row(index) }
}

/// An id in the form of a UUID whose order has nothing to do with the index.
fn id(index: usize) -> String {
    let mixed = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let again = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let (high, low) = (format!("{mixed:016x}"), format!("{again:016x}"));
    format!("{}-{}-{}-{}-{}", &high[..8], &high[8..12], &high[12..], &low[..4], &low[4..])
}
