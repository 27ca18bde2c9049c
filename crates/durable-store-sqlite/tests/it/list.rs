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

#[tokio::test]
async fn executions_are_listed_as_they_started_and_not_as_they_were_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let store = five_executions(&folder).await;
    let mut imported = creation("imported");
    imported.created.as_mut().unwrap().started_at = Timestamp::from_millis(1_500);
    store.append(imported).await.unwrap();

    let page = store.list(ExecutionFilter::default(), 10).await.unwrap();

    assert_eq!(names(&page), ["e0", "e1", "imported", "e2", "e3", "e4"]);
}

#[tokio::test]
async fn a_page_follows_an_execution_that_was_deleted_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let store = five_executions(&folder).await;
    let first = store.list(ExecutionFilter::default(), 2).await.unwrap();

    store.delete("id-e1").await.unwrap();
    let after = first.next.map(|next| next.to_string().parse().unwrap());
    let second = store.list(ExecutionFilter { after, ..ExecutionFilter::default() }, 2).await.unwrap();

    assert_eq!((names(&first), names(&second)), (vec!["e0", "e1"], vec!["e2", "e3"]));
}

#[tokio::test]
async fn executions_are_found_by_how_their_names_or_ids_begin() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for (name, function) in [("order-1", "order"), ("order-2", "tax"), ("tax-1", "tax"), ("id-order", "tax")]
    {
        let mut append = creation(name);
        append.created.as_mut().unwrap().function_name = function.to_owned();
        store.append(append).await.unwrap();
    }
    let found = async |prefix: &str, function: Option<&str>, limit| {
        let rows = store.beginning_with(prefix, function, limit).await.unwrap();
        rows.into_iter().map(|row| row.execution_name).collect::<Vec<_>>()
    };

    assert_eq!(found("order", None, 10).await, ["order-1", "order-2"]);
    assert_eq!(found("order", Some("tax"), 10).await, ["order-2"]);
    assert_eq!(found("id-order", None, 10).await, ["order-1", "order-2", "id-order"]);
    assert_eq!(found("id-order", None, 2).await.len(), 2);
    assert_eq!(found("x", None, 10).await, [""; 0]);
    assert_eq!(found("", Some("tax"), 10).await.len(), 3);
}
