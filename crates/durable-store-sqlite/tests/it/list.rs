//! Lists show what their filter says, page by page.

use durable_store_sqlite::{Append, ExecutionFilter, ExecutionPage, StatusChange, Store};
use durable_types::{ExecutionStatus, Timestamp};

use super::{continuation, creation};

/// Executions `e0` to `e4` of function `order`, started a second apart; `e1` and `e3` have succeeded.
async fn five_executions(folder: &tempfile::TempDir) -> Store {
    let store = Store::open(folder.path()).unwrap();
    for index in 0..5 {
        let mut append = creation(&format!("e{index}"));
        append.created.as_mut().unwrap().started_at = Timestamp::from_millis(index * 1_000);
        store.append(append).await.unwrap();
    }
    for name in ["e1", "e3"] {
        let change = StatusChange {
            status: ExecutionStatus::Succeeded,
            ended_at: Some(Timestamp::from_millis(9_000)),
            expires_at: None,
        };
        store.append(Append { status: Some(change), ..continuation(name, 2) }).await.unwrap();
    }
    store
}

fn names(page: &ExecutionPage) -> Vec<&str> {
    page.executions.iter().map(|row| row.execution_name.as_str()).collect()
}

#[tokio::test]
async fn pages_follow_each_other_in_both_directions() {
    let folder = tempfile::tempdir().unwrap();
    let store = five_executions(&folder).await;

    for (newest_first, expected) in
        [(false, [["e0", "e1"], ["e2", "e3"]]), (true, [["e4", "e3"], ["e2", "e1"]])]
    {
        let filter = ExecutionFilter { newest_first, ..ExecutionFilter::default() };
        let first = store.list(filter.clone(), 2).await.unwrap();
        let second = store.list(ExecutionFilter { after: first.next, ..filter.clone() }, 2).await.unwrap();
        let last = store.list(ExecutionFilter { after: second.next, ..filter }, 2).await.unwrap();

        assert_eq!([names(&first), names(&second)], expected);
        assert_eq!((last.executions.len(), last.next), (1, None));
    }
}

#[tokio::test]
async fn a_page_that_ends_with_the_list_has_no_next() {
    let folder = tempfile::tempdir().unwrap();
    let store = five_executions(&folder).await;

    let page = store.list(ExecutionFilter::default(), 5).await.unwrap();

    assert_eq!((page.executions.len(), page.next), (5, None));
}

#[tokio::test]
async fn every_part_of_a_filter_leaves_something_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = five_executions(&folder).await;
    let all = ExecutionFilter { function_name: Some("order".to_owned()), ..ExecutionFilter::default() };
    let cases = [
        (all.clone(), vec!["e0", "e1", "e2", "e3", "e4"]),
        (ExecutionFilter { function_name: Some("hello".to_owned()), ..all.clone() }, vec![]),
        (ExecutionFilter { function_version: Some("7".to_owned()), ..all.clone() }, vec![]),
        (ExecutionFilter { execution_name: Some("e2".to_owned()), ..all.clone() }, vec!["e2"]),
        (ExecutionFilter { statuses: vec![ExecutionStatus::Succeeded], ..all.clone() }, vec!["e1", "e3"]),
        (
            ExecutionFilter {
                statuses: vec![ExecutionStatus::Running, ExecutionStatus::Failed],
                ..all.clone()
            },
            vec!["e0", "e2", "e4"],
        ),
        (
            ExecutionFilter { started_after: Some(Timestamp::from_millis(2_000)), ..all.clone() },
            vec!["e3", "e4"],
        ),
        (ExecutionFilter { started_before: Some(Timestamp::from_millis(1_000)), ..all }, vec!["e0"]),
    ];

    for (filter, expected) in cases {
        let page = store.list(filter.clone(), 10).await.unwrap();

        assert_eq!(names(&page), expected, "{filter:?}");
    }
}
