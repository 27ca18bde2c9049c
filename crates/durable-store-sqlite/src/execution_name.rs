//! The names of executions. A name that is the id, as for an execution started without a name, is not stored again.

use durable_host::store::ExecutionRow;
use rusqlite::Connection;

/// The condition that an execution has the name `?1`. Each alternative is a lookup in an index.
pub(super) const IS_NAMED: &str = "(execution_name = ?1 OR (execution_id = ?1 AND execution_name IS NULL))";

/// Returns the value of the column `execution_name`, which is NULL if the name is the id.
pub(super) fn column(row: &ExecutionRow) -> Option<&str> {
    Some(row.execution_name.as_str()).filter(|name| *name != row.execution_id)
}

/// Returns whether the function of an execution already has one of the same name.
///
/// The index `executions_by_name` does not hold the names that are ids.
pub(super) fn is_taken(connection: &Connection, row: &ExecutionRow) -> rusqlite::Result<bool> {
    let text = format!("SELECT 1 FROM executions WHERE {IS_NAMED} AND function_name = ?2");
    connection.prepare_cached(&text)?.exists([&row.execution_name, &row.function_name])
}

#[cfg(test)]
mod tests {
    use durable_host::store::WakeUp;
    use durable_types::{ExecutionStatus, Timestamp};

    use super::*;
    use crate::database::Database;
    use crate::folder::DataFolder;
    use crate::query_plan::{is_lookup, plan, statements};
    use crate::reader::execution_by_name;

    #[test]
    fn no_lookup_of_a_name_scans_or_sorts() {
        let folder = tempfile::tempdir().unwrap();
        let (_, mut connection) = Database::open(&DataFolder::claim(folder.path()).unwrap()).unwrap();
        let row = ExecutionRow {
            execution_id: "id".to_owned(),
            arn: "arn/id".to_owned(),
            function_name: "f".to_owned(),
            function_version: "1".to_owned(),
            execution_name: "name".to_owned(),
            input_digest: String::new(),
            started_at: Timestamp::EPOCH,
            status: ExecutionStatus::Running,
            ended_at: None,
            expires_at: None,
            is_imported: false,
            wake_up: WakeUp::AtStart,
        };

        let executed = statements(&mut connection, |connection| {
            is_taken(connection, &row).unwrap();
            execution_by_name(connection, "f", "name").unwrap();
        });

        assert_eq!(executed.len(), 2, "{executed:#?}");
        for statement in executed {
            let steps = plan(&connection, &statement);
            let [_, _, by_name, _, by_id, ..] = steps.as_slice() else { panic!("{statement}: {steps:#?}") };
            assert!(
                by_name.contains("executions_by_name (execution_name=? AND function_name=?)"),
                "{by_name}"
            );
            assert!(by_id.contains("(execution_id=?)"), "{by_id}");
            assert!(steps.iter().all(|step| is_lookup(step)), "{statement}: {steps:#?}");
        }
    }
}
