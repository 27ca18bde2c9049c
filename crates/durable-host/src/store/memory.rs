//! A store in memory.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::{Mutex, PoisonError};

use durable_types::Timestamp;

use super::error::{StoreError, StoreErrorKind};
use super::event_store::{EventStore, Stored};
use super::list::{ExecutionFilter, ExecutionPage};
use super::position::PagePosition;
use super::row::{Append, ExecutionRow, Expiry, Unfinished};

/// A store that keeps everything in memory, so that executions last as long as it does.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Executions>);

/// The executions by the number of their start.
#[derive(Debug, Default)]
struct Executions {
    by_key: BTreeMap<i64, Recorded>,
    last_key: i64,
}

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
        self.with(|executions| {
            let key = executions.find(|row| row.execution_id == execution_id).map(|(key, _)| *key);
            let removed = key.and_then(|key| executions.by_key.remove(&key));
            removed.map(drop).ok_or_else(|| unknown(execution_id))
        })
    }

    fn execution<'a>(&'a self, execution_id: &'a str) -> Stored<'a, Option<ExecutionRow>> {
        self.with(|executions| Ok(executions.row(|row| row.execution_id == execution_id)))
    }

    fn execution_by_name<'a>(
        &'a self,
        function_name: &'a str,
        execution_name: &'a str,
    ) -> Stored<'a, Option<ExecutionRow>> {
        self.with(|executions| {
            Ok(executions
                .row(|row| row.function_name == function_name && row.execution_name == execution_name))
        })
    }

    fn events<'a>(&'a self, execution_id: &'a str, after: u64, limit: u64) -> Stored<'a, Vec<String>> {
        self.with(|executions| {
            let found = executions.find(|row| row.execution_id == execution_id);
            let events = found.map_or_else(Vec::new, |(_, recorded)| {
                let (after, limit) = (saturated(after), saturated(limit));
                recorded.events.iter().skip(after).take(limit).cloned().collect()
            });
            Ok(events)
        })
    }

    fn last_events<'a>(&'a self, execution_id: &'a str, limit: u64) -> Stored<'a, Vec<String>> {
        self.with(|executions| {
            let found = executions.find(|row| row.execution_id == execution_id);
            let last = |(_, recorded): (_, &Recorded)| {
                recorded.events.iter().rev().take(saturated(limit)).cloned().collect()
            };
            Ok(found.map_or_else(Vec::new, last))
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
    fn find(&self, is_it: impl Fn(&ExecutionRow) -> bool) -> Option<(&i64, &Recorded)> {
        self.by_key.iter().find(|(_, recorded)| is_it(&recorded.row))
    }

    fn row(&self, is_it: impl Fn(&ExecutionRow) -> bool) -> Option<ExecutionRow> {
        self.find(is_it).map(|(_, recorded)| recorded.row.clone())
    }

    fn append(&mut self, append: Append) -> Result<(), StoreError> {
        let Append { execution_id, first_sequence, events, created, status, wake_up } = append;
        if let Some(row) = created {
            let is_same = |other: &ExecutionRow| {
                other.execution_id == row.execution_id
                    || (other.function_name == row.function_name
                        && other.execution_name == row.execution_name)
            };
            if self.find(is_same).is_some() {
                let message = format!("execution `{execution_id}` or its name is already recorded");
                return Err(StoreError::new(StoreErrorKind::AlreadyRecorded, message));
            }
            self.last_key = self.last_key.saturating_add(1);
            self.by_key.insert(self.last_key, Recorded { row, events: Vec::new() });
        }
        let recorded = self.by_key.values_mut().find(|recorded| recorded.row.execution_id == execution_id);
        let recorded = recorded.ok_or_else(|| unknown(&execution_id))?;
        let expected = u64::try_from(recorded.events.len()).unwrap_or(u64::MAX).saturating_add(1);
        if first_sequence != expected {
            let message = format!(
                "event {first_sequence} of execution `{execution_id}` was to be recorded where event {expected} \
                 belongs; this is a bug in durable"
            );
            return Err(StoreError::new(StoreErrorKind::Permanent, message));
        }
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

fn saturated(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn unknown(execution_id: &str) -> StoreError {
    let message = format!("execution `{execution_id}` is not recorded; this is a bug in durable");
    StoreError::new(StoreErrorKind::UnknownExecution, message)
}
