//! An in-memory store.

use std::collections::{BTreeMap, HashMap};
use std::future::ready;
use std::sync::{Mutex, PoisonError};

use durable_types::Timestamp;

use super::error::{StoreError, StoreErrorKind};
use super::event_store::{EventStore, Stored};
use super::list::{ExecutionFilter, ExecutionPage};
use super::position::PagePosition;
use super::row::{Append, ExecutionRow, Expiry, Unfinished};

/// A store that keeps all executions in memory, and loses them when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Executions>);

/// The executions, keyed by the order in which they were recorded.
///
/// # Invariants
/// - `by_id` and `by_name` hold the key of every execution in `by_key`, and no other.
#[derive(Debug, Default)]
struct Executions {
    by_key: BTreeMap<i64, Recorded>,
    by_id: HashMap<String, i64>,
    by_name: HashMap<Name, i64>,
    last_key: i64,
}

/// The name of a function, and the name of one of its executions.
type Name = (String, String);

#[derive(Debug)]
struct Recorded {
    row: ExecutionRow,
    events: Vec<String>,
}

impl MemoryStore {
    fn with<'a, T: Send + 'a>(
        &self,
        f: impl FnOnce(&mut Executions) -> Result<T, StoreError>,
    ) -> Stored<'a, T> {
        Box::pin(ready(f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))))
    }
}

impl EventStore for MemoryStore {
    fn append(&self, append: Append) -> Stored<'_, ()> {
        self.with(|executions| executions.append(append))
    }

    fn delete<'a>(&'a self, execution_id: &'a str) -> Stored<'a, ()> {
        self.with(|executions| executions.remove(execution_id).ok_or_else(|| unknown(execution_id)))
    }

    fn execution<'a>(&'a self, execution_id: &'a str) -> Stored<'a, Option<ExecutionRow>> {
        self.with(|executions| Ok(executions.of_id(execution_id).map(|recorded| recorded.row.clone())))
    }

    fn execution_by_name<'a>(
        &'a self,
        function_name: &'a str,
        execution_name: &'a str,
    ) -> Stored<'a, Option<ExecutionRow>> {
        self.with(|executions| {
            let name = (function_name.to_owned(), execution_name.to_owned());
            let found = executions.by_name.get(&name).and_then(|key| executions.by_key.get(key));
            Ok(found.map(|recorded| recorded.row.clone()))
        })
    }

    fn events<'a>(&'a self, execution_id: &'a str, after: u64, limit: u64) -> Stored<'a, Vec<String>> {
        self.with(|executions| {
            let events = executions.of_id(execution_id).map_or_else(Vec::new, |recorded| {
                let (after, limit) = (saturated(after), saturated(limit));
                recorded.events.iter().skip(after).take(limit).cloned().collect()
            });
            Ok(events)
        })
    }

    fn last_events<'a>(&'a self, execution_id: &'a str, limit: u64) -> Stored<'a, Vec<String>> {
        self.with(|executions| {
            let last =
                |recorded: &Recorded| recorded.events.iter().rev().take(saturated(limit)).cloned().collect();
            Ok(executions.of_id(execution_id).map_or_else(Vec::new, last))
        })
    }

    fn unfinished(&self) -> Stored<'_, Vec<Unfinished>> {
        self.with(|executions| {
            let rows = executions.by_key.values().map(|recorded| &recorded.row);
            let open = rows.filter(|row| row.ended_at.is_none() && !row.is_imported);
            let unfinished = |row: &ExecutionRow| Unfinished {
                execution_id: row.execution_id.clone(),
                wake_up: row.wake_up,
            };
            Ok(open.map(unfinished).collect())
        })
    }

    fn expired(&self, now: Timestamp, after: Option<Expiry>, limit: u32) -> Stored<'_, Vec<Expiry>> {
        self.with(|executions| {
            let expiry = |(key, recorded): (&i64, &Recorded)| {
                let at = recorded.row.expires_at.filter(|at| *at <= now)?;
                Some(Expiry { at: at.as_micros(), key: *key })
            };
            let mut expired: Vec<_> = executions.by_key.iter().filter_map(expiry).collect();
            expired.retain(|expiry| after.is_none_or(|after| *expiry > after));
            expired.sort_unstable();
            expired.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            Ok(expired)
        })
    }

    fn execution_at(&self, expiry: Expiry) -> Stored<'_, Option<ExecutionRow>> {
        self.with(|executions| Ok(executions.by_key.get(&expiry.key).map(|recorded| recorded.row.clone())))
    }

    fn beginning_with<'a>(
        &'a self,
        prefix: &'a str,
        function_name: Option<&'a str>,
        limit: usize,
    ) -> Stored<'a, Vec<ExecutionRow>> {
        self.with(|executions| {
            let is_match = |row: &&ExecutionRow| {
                (row.execution_name.starts_with(prefix) || row.execution_id.starts_with(prefix))
                    && function_name.is_none_or(|name| name == row.function_name)
            };
            let rows = executions.by_key.values().map(|recorded| &recorded.row);
            Ok(rows.filter(is_match).take(limit).cloned().collect())
        })
    }

    fn list(&self, filter: ExecutionFilter, limit: usize) -> Stored<'_, ExecutionPage> {
        self.with(|executions| Ok(executions.list(&filter, limit)))
    }
}

impl Executions {
    fn of_id(&self, execution_id: &str) -> Option<&Recorded> {
        self.by_key.get(self.by_id.get(execution_id)?)
    }

    fn remove(&mut self, execution_id: &str) -> Option<()> {
        let recorded = self.by_key.remove(&self.by_id.remove(execution_id)?)?;
        self.by_name.remove(&name(&recorded.row));
        Some(())
    }

    fn append(&mut self, append: Append) -> Result<(), StoreError> {
        let Append { execution_id, first_sequence, events, replaced, created, status, wake_up, .. } = append;
        if let Some(row) = created {
            if self.by_id.contains_key(&row.execution_id) || self.by_name.contains_key(&name(&row)) {
                let message = format!("execution `{execution_id}` or its name is already recorded");
                return Err(StoreError::new(StoreErrorKind::AlreadyRecorded, message));
            }
            self.last_key = self.last_key.saturating_add(1);
            self.by_id.insert(row.execution_id.clone(), self.last_key);
            self.by_name.insert(name(&row), self.last_key);
            self.by_key.insert(self.last_key, Recorded { row, events: Vec::new() });
        }
        let recorded = self.by_id.get(&execution_id).and_then(|key| self.by_key.get_mut(key));
        let recorded = recorded.ok_or_else(|| unknown(&execution_id))?;
        let expected = u64::try_from(recorded.events.len()).unwrap_or(u64::MAX).saturating_add(1);
        if first_sequence != expected {
            let message = format!(
                "event {first_sequence} of execution `{execution_id}` was to be recorded where event {expected} \
                 belongs; this is a bug in durable"
            );
            return Err(StoreError::new(StoreErrorKind::Permanent, message));
        }
        recorded.replace(&execution_id, replaced)?;
        recorded.events.extend(events);
        if let Some(change) = status {
            recorded.row.status = change.status;
            recorded.row.ended_at = change.ended_at;
            recorded.row.expires_at = change.expires_at;
        }
        if let Some(wake_up) = wake_up {
            recorded.row.wake_up = wake_up;
        }
        Ok(())
    }

    fn list(&self, filter: &ExecutionFilter, limit: usize) -> ExecutionPage {
        let range = filter.bounds();
        let positioned = self.by_key.iter().map(|(key, recorded)| {
            let started_at = recorded.row.started_at.as_micros();
            (PagePosition { started_at, key: *key }, &recorded.row)
        });
        let is_shown =
            |(position, row): &(PagePosition, &ExecutionRow)| range.contains(*position) && filter.passes(row);
        let mut found: Vec<_> = positioned.filter(is_shown).collect();
        found.sort_unstable_by_key(|(position, _)| *position);
        if filter.newest_first {
            found.reverse();
        }
        let is_more = found.len() > limit;
        found.truncate(limit);
        ExecutionPage {
            next: found.last().filter(|_| is_more).map(|(position, _)| *position),
            executions: found.into_iter().map(|(_, row)| row.clone()).collect(),
        }
    }
}

impl Recorded {
    /// Replaces events. If one of them is not recorded, none is replaced.
    fn replace(&mut self, execution_id: &str, replaced: BTreeMap<u64, String>) -> Result<(), StoreError> {
        let is_recorded = |sequence: &u64| *sequence > 0 && saturated(*sequence) <= self.events.len();
        if let Some(sequence) = replaced.keys().find(|sequence| !is_recorded(sequence)) {
            let message = format!(
                "event {sequence} of execution `{execution_id}` was to be replaced but is not recorded; this is a bug \
                 in durable"
            );
            return Err(StoreError::new(StoreErrorKind::Permanent, message));
        }
        for (sequence, text) in replaced {
            if let Some(event) = self.events.get_mut(saturated(sequence.saturating_sub(1))) {
                *event = text;
            }
        }
        Ok(())
    }
}

fn name(row: &ExecutionRow) -> Name {
    (row.function_name.clone(), row.execution_name.clone())
}

fn saturated(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn unknown(execution_id: &str) -> StoreError {
    let message = format!("execution `{execution_id}` is not recorded; this is a bug in durable");
    StoreError::new(StoreErrorKind::UnknownExecution, message)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use durable_types::ExecutionStatus;

    use super::*;
    use crate::store::WakeUp;

    fn creation(id: &str, name: &str) -> Append {
        let row = ExecutionRow {
            execution_id: id.to_owned(),
            arn: format!("arn/{name}/{id}"),
            function_name: "order".to_owned(),
            function_version: "$LATEST".to_owned(),
            execution_name: name.to_owned(),
            input_digest: String::new(),
            started_at: Timestamp::EPOCH,
            status: ExecutionStatus::Running,
            ended_at: None,
            expires_at: None,
            is_imported: false,
            wake_up: WakeUp::AtStart,
        };
        Append {
            execution_id: id.to_owned(),
            first_sequence: 1,
            events: vec![format!("{id} begins")],
            created: Some(row),
            ..Append::default()
        }
    }

    fn now<T>(answer: Stored<'_, T>) -> Result<T, StoreError> {
        let Poll::Ready(answer) = pin!(answer).poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("it answers at once");
        };
        answer
    }

    #[test]
    fn an_append_that_replaces_an_event_that_is_not_recorded_changes_nothing() {
        let store = MemoryStore::default();
        now(store.append(creation("1", "a"))).unwrap();
        let replacing = |sequence| Append {
            execution_id: "1".to_owned(),
            first_sequence: 2,
            events: vec!["more".to_owned()],
            replaced: [(1, "again".to_owned()), (sequence, "again".to_owned())].into(),
            ..Append::default()
        };

        let refused = [0, 2, u64::MAX].map(|sequence| now(store.append(replacing(sequence))));

        assert!(
            refused.iter().all(|refused| kind(refused) == Some(StoreErrorKind::Permanent)),
            "{refused:?}"
        );
        assert_eq!(now(store.events("1", 0, 9)).unwrap(), ["1 begins"]);
        now(store.append(replacing(1))).unwrap();
        assert_eq!(now(store.events("1", 0, 9)).unwrap(), ["again", "more"]);
    }

    fn kind(answer: &Result<(), StoreError>) -> Option<StoreErrorKind> {
        answer.as_ref().err().map(StoreError::kind)
    }

    #[test]
    fn an_id_and_a_name_belong_to_one_execution_until_it_is_deleted() {
        let store = MemoryStore::default();
        let kind = |answer: Result<(), StoreError>| answer.map_err(|error| error.kind());
        assert_eq!(kind(now(store.append(creation("1", "a")))), Ok(()));
        assert_eq!(kind(now(store.append(creation("2", "b")))), Ok(()));

        let same_id = kind(now(store.append(creation("1", "c"))));
        let same_name = kind(now(store.append(creation("3", "a"))));
        assert_eq!(
            (same_id, same_name),
            (Err(StoreErrorKind::AlreadyRecorded), Err(StoreErrorKind::AlreadyRecorded))
        );

        now(store.delete("1")).unwrap();
        assert_eq!(kind(now(store.delete("1"))), Err(StoreErrorKind::UnknownExecution));
        assert!(now(store.execution_by_name("order", "a")).unwrap().is_none());
        assert_eq!(kind(now(store.append(creation("3", "a")))), Ok(()));
        let found = now(store.execution_by_name("order", "a")).unwrap().unwrap();
        assert_eq!(found.execution_id, "3");
        assert_eq!(now(store.events("3", 0, 9)).unwrap(), ["3 begins"]);
        assert_eq!(now(store.events("2", 0, 9)).unwrap(), ["2 begins"]);
        assert!(now(store.events("1", 0, 9)).unwrap().is_empty());
    }
}
