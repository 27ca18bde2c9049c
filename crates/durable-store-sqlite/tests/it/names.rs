//! A function has each name once, whether it was given or is the id of an execution that was started without one.

use durable_host::store::{EventStore, MemoryStore};
use durable_store_sqlite::{Append, ExecutionFilter, ExecutionRow, Store, StoreError};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{creation, row};

const IDS: [&str; 4] = ["id-a", "id-b", "id-c", "id-d"];
/// Names that executions are given. Two of them are also ids.
const NAMES: [&str; 4] = ["id-a", "id-b", "order-1", "order-2"];
const FUNCTIONS: [&str; 2] = ["order", "tax"];

/// The creation of the execution with the id `id-{key}`.
fn creation_of(key: &str, function_name: &str, execution_name: &str) -> Append {
    let row = row(key);
    let created = ExecutionRow {
        arn: row
            .arn
            .replace("order:", &format!("{function_name}:"))
            .replace(&format!("/{key}/"), &format!("/{execution_name}/")),
        function_name: function_name.to_owned(),
        execution_name: execution_name.to_owned(),
        ..row
    };
    Append { created: Some(created), ..creation(key) }
}

#[tokio::test]
async fn an_execution_without_a_name_is_found_by_its_id_as_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let unnamed = creation_of("a", "order", "id-a");

    store.append(unnamed.clone()).await.unwrap();

    let by_name =
        |name: &str| ExecutionFilter { execution_name: Some(name.to_owned()), ..Default::default() };
    let arn = unnamed.created.as_ref().unwrap().arn.clone();
    assert!(arn.ends_with("/durable-execution/id-a/id-a"), "{arn}");
    assert_eq!(store.execution_by_arn(&arn).await.unwrap(), unnamed.created);
    assert_eq!(store.execution_by_name("order", "id-a").await.unwrap(), unnamed.created);
    assert_eq!(store.execution_by_name("tax", "id-a").await.unwrap(), None);
    assert_eq!(store.list(by_name("id-a"), 10).await.unwrap().executions, Vec::from_iter(unnamed.created));
    assert_eq!(store.list(by_name("id-b"), 10).await.unwrap().executions, []);
}

#[tokio::test]
async fn only_a_given_name_is_stored_besides_the_id() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation_of("a", "order", "id-a")).await.unwrap();
    store.append(creation_of("b", "order", "order-1")).await.unwrap();
    drop(store);

    let file = rusqlite::Connection::open(folder.path().join("durable.sqlite3")).unwrap();
    let mut select = file.prepare("SELECT execution_name FROM executions ORDER BY key").unwrap();
    let stored: Vec<Option<String>> =
        select.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(stored, [None, Some("order-1".to_owned())]);
}

#[tokio::test]
async fn a_given_name_that_is_the_id_of_an_execution_without_a_name_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation_of("a", "order", "id-a")).await.unwrap();

    let refused = store.append(creation_of("b", "order", "id-a")).await;
    store.append(creation_of("b", "tax", "id-a")).await.unwrap();
    store.delete("id-a").await.unwrap();
    store.append(creation_of("c", "order", "id-a")).await.unwrap();

    assert!(matches!(refused, Err(StoreError::AlreadyRecorded { .. })), "{refused:?}");
    assert_eq!(store.execution_by_name("order", "id-a").await.unwrap().unwrap().execution_id, "id-c");
    assert_eq!(store.execution_by_name("tax", "id-a").await.unwrap().unwrap().execution_id, "id-b");
}

#[tokio::test]
async fn an_execution_without_a_name_is_refused_if_its_id_is_a_given_name() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.append(creation_of("b", "order", "id-a")).await.unwrap();

    let refused = store.append(creation_of("a", "order", "id-a")).await;
    store.append(creation_of("a", "tax", "id-a")).await.unwrap();

    assert!(matches!(refused, Err(StoreError::AlreadyRecorded { .. })), "{refused:?}");
    assert_eq!(store.execution("id-a").await.unwrap().unwrap().function_name, "tax");
    assert_eq!(store.execution_by_name("order", "id-a").await.unwrap().unwrap().execution_id, "id-b");
}

#[derive(Clone, Debug)]
enum Change {
    Create { id: &'static str, function: &'static str, name: Option<&'static str> },
    Delete { id: &'static str },
}

fn change() -> impl Strategy<Value = Change> {
    let id = || proptest::sample::select(&IDS);
    let function = proptest::sample::select(&FUNCTIONS);
    let name = proptest::option::of(proptest::sample::select(&NAMES));
    prop_oneof![
        3 => (id(), function, name).prop_map(|(id, function, name)| Change::Create { id, function, name }),
        1 => id().prop_map(|id| Change::Delete { id }),
    ]
}

/// Makes the change, and returns whether it was accepted.
async fn make(store: &dyn EventStore, change: &Change) -> bool {
    match change {
        Change::Create { id, function, name } => store
            .append(creation_of(id.trim_start_matches("id-"), function, name.unwrap_or(id)))
            .await
            .is_ok(),
        Change::Delete { id } => store.delete(id).await.is_ok(),
    }
}

/// Everything that can be found by names, in all ways.
async fn found_by_names(store: &dyn EventStore) -> Vec<Vec<ExecutionRow>> {
    let mut found = Vec::new();
    for name in IDS.into_iter().chain(NAMES) {
        for function in FUNCTIONS {
            found.push(store.execution_by_name(function, name).await.unwrap().into_iter().collect());
        }
        for function in [None, Some("order"), Some("tax")] {
            let filter = ExecutionFilter {
                execution_name: Some(name.to_owned()),
                function_name: function.map(str::to_owned),
                ..ExecutionFilter::default()
            };
            found.push(store.list(filter, 10).await.unwrap().executions);
            for prefix in [name, "id", "order"] {
                found.push(store.beginning_with(prefix, function, 10).await.unwrap());
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_are_unique_and_found_as_in_memory(changes in vec(change(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let (store, model) = (Store::open(folder.path()).unwrap(), MemoryStore::default());
            for change in changes {
                let (accepted, expected) = (make(&store, &change).await, make(&model, &change).await);
                prop_assert_eq!(accepted, expected, "{:?}", change);
            }
            prop_assert_eq!(found_by_names(&store).await, found_by_names(&model).await);
            Ok(())
        })?;
    }
}
