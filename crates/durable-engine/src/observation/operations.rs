//! The state of all operations, folded from what the engine reports.

use std::collections::{HashMap, HashSet};

use durable_types::{Operation, OperationAction, OperationStatus, OperationUpdate, SmallString, Timestamp};

use super::notification::Notification;
use super::observation::Observation;
use super::operation_info::OperationInfo;

/// The state of all operations of an execution, as far as this invocation knows it.
///
/// # Invariants
/// - An operation ends at most once, and after it started. One that had ended before this invocation ends only if the
///   service reports it as changed since the previous one.
/// - An operation is started at most once per invocation, and never after it ended.
/// - Every changed operation is among the operations.
#[derive(Clone, Debug, Default)]
pub struct Operations {
    /// In the order in which they started.
    entries: Vec<Entry>,
    by_id: HashMap<SmallString, usize>,
    updated: Vec<SmallString>,
}

/// An operation, and what observers know of it.
#[derive(Clone, Debug)]
struct Entry {
    info: OperationInfo,
    /// The result in an update that has not been acknowledged.
    result: Option<String>,
    is_recorded: bool,
    /// Whether it was recorded before this invocation.
    is_from_earlier: bool,
    has_started: bool,
    has_ended: bool,
}

impl Operations {
    /// Returns the number of operations. The execution itself is not one of them.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there are no operations.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the operation with this id.
    pub fn get(&self, id: &str) -> Option<&OperationInfo> {
        Some(&self.entries.get(*self.by_id.get(id)?)?.info)
    }

    /// Returns the operations in the order in which they started.
    pub fn iter(&self) -> impl Iterator<Item = &OperationInfo> {
        self.entries.iter().map(|entry| &entry.info)
    }

    /// Returns the operations that the service changed between the previous invocation and this one.
    pub fn updated(&self) -> impl Iterator<Item = &OperationInfo> {
        self.updated.iter().filter_map(|id| self.get(id))
    }

    /// Returns whether an operation was recorded before this invocation.
    pub fn is_from_earlier_invocation(&self, id: &str) -> bool {
        let entry = self.by_id.get(id).and_then(|index| self.entries.get(*index));
        entry.is_some_and(|entry| entry.is_from_earlier)
    }

    /// Handles what the engine observed, and returns what observers are to be notified of, in order.
    pub fn handle(&mut self, observation: Observation, now: Timestamp) -> Vec<Notification> {
        match observation {
            Observation::Loaded { operations, updated } => self.handle_loaded(operations, updated),
            Observation::Resumed(id) => self.handle_resumed(id).into_iter().collect(),
            Observation::Queued(update) => self.handle_queued(*update, now).into_iter().collect(),
            Observation::Recorded { saved, records } => self.handle_recorded(&saved, &records, now),
        }
    }

    fn handle_loaded(
        &mut self,
        operations: Vec<OperationInfo>,
        updated: Vec<(SmallString, Option<String>)>,
    ) -> Vec<Notification> {
        self.entries.reserve(operations.len());
        self.by_id.reserve(operations.len());
        for info in operations {
            self.insert(Entry::recorded(info, true));
        }
        let mut ended = Vec::new();
        for (id, result) in updated {
            let Some(info) = self.get(&id) else { continue };
            if info.status.is_terminal() {
                ended.push(Notification::Ended { id: id.clone(), result, is_replay: true });
            }
            self.updated.push(id);
        }
        ended
    }

    fn handle_resumed(&mut self, id: SmallString) -> Option<Notification> {
        let entry = self.entry_mut(&id)?;
        if !entry.is_from_earlier || entry.has_started || entry.has_ended {
            return None;
        }
        entry.has_started = true;
        Some(Notification::Started { id, is_replay: true })
    }

    fn handle_queued(&mut self, update: OperationUpdate, now: Timestamp) -> Option<Notification> {
        let id = update.operation_id.clone();
        if let Some(entry) = self.entry_mut(&id) {
            entry.handle_queued(update);
            return None;
        }
        if update.action != OperationAction::Start {
            return None;
        }
        self.insert(Entry::starting(OperationInfo::starting(&update, now)));
        Some(Notification::Started { id, is_replay: false })
    }

    fn handle_recorded(
        &mut self,
        saved: &[(SmallString, OperationAction)],
        records: &[Operation],
        now: Timestamp,
    ) -> Vec<Notification> {
        let mut ids: Vec<SmallString> = Vec::with_capacity(saved.len().max(records.len()));
        for (id, action) in saved {
            if self.entry_mut(id).is_some_and(|entry| entry.handle_saved(action, now)) {
                ids.push(id.clone());
            }
        }
        for record in records {
            let is_changed = match self.entry_mut(&record.id) {
                Some(entry) => entry.handle_record(record),
                None => {
                    self.insert(Entry::recorded(record.into(), false));
                    true
                }
            };
            if is_changed {
                ids.push(record.id.clone());
            }
        }
        self.notify_changed(ids)
    }

    /// Notifies of changes, and then of the operations that they ended.
    fn notify_changed(&mut self, ids: Vec<SmallString>) -> Vec<Notification> {
        let mut changed: Vec<SmallString> = Vec::with_capacity(ids.len());
        let mut ended = Vec::new();
        let mut listed = HashSet::with_capacity(ids.len());
        for id in &ids {
            if !listed.insert(id) {
                continue;
            }
            changed.push(id.clone());
            ended.extend(self.by_id.get(id).and_then(|index| self.entries.get_mut(*index)?.end()));
        }
        if changed.is_empty() {
            return Vec::new();
        }
        let mut notifications = vec![Notification::Changed { ids: changed }];
        notifications.append(&mut ended);
        notifications
    }

    fn entry_mut(&mut self, id: &SmallString) -> Option<&mut Entry> {
        self.entries.get_mut(*self.by_id.get(id)?)
    }

    fn insert(&mut self, entry: Entry) {
        self.by_id.insert(entry.info.id.clone(), self.entries.len());
        self.entries.push(entry);
    }
}

impl Entry {
    /// An operation whose start is queued, of which observers are notified.
    fn starting(info: OperationInfo) -> Self {
        Self {
            info,
            result: None,
            is_recorded: false,
            is_from_earlier: false,
            has_started: true,
            has_ended: false,
        }
    }

    /// An operation that is already recorded.
    fn recorded(info: OperationInfo, is_from_earlier: bool) -> Self {
        let has_ended = info.status.is_terminal();
        Self { info, result: None, is_recorded: true, is_from_earlier, has_started: false, has_ended }
    }

    /// Keeps what only the update contains until it is acknowledged.
    fn handle_queued(&mut self, update: OperationUpdate) {
        match update.action {
            OperationAction::Succeed => self.result = update.result,
            OperationAction::Fail | OperationAction::Retry => self.info.error = update.error,
            OperationAction::Start if self.is_recorded => {
                // The start of another attempt.
                self.info.attempt = self.info.attempt.map(|attempt| attempt.saturating_add(1));
            }
            OperationAction::Start | OperationAction::Cancel | OperationAction::Unknown(_) => {}
        }
    }

    /// Handles that an update was acknowledged. Returns whether that changed the operation.
    fn handle_saved(&mut self, action: &OperationAction, now: Timestamp) -> bool {
        let status = match action {
            OperationAction::Start => OperationStatus::Started,
            OperationAction::Succeed => OperationStatus::Succeeded,
            OperationAction::Fail => OperationStatus::Failed,
            OperationAction::Retry => OperationStatus::Pending,
            OperationAction::Cancel => OperationStatus::Cancelled,
            OperationAction::Unknown(_) => return false,
        };
        if self.has_ended {
            return false;
        }
        if status.is_terminal() {
            self.info.end_timestamp.get_or_insert(now);
        }
        let is_changed = !self.is_recorded || self.info.status != status;
        self.is_recorded = true;
        self.info.status = status;
        is_changed
    }

    /// Takes over a record. Returns whether it changed the operation.
    fn handle_record(&mut self, record: &Operation) -> bool {
        if self.has_ended {
            return false;
        }
        let recorded = OperationInfo::from(record);
        let info = &mut self.info;
        let is_changed =
            !self.is_recorded || info.status != recorded.status || info.attempt != recorded.attempt;
        self.is_recorded = true;
        info.status = recorded.status;
        info.start_timestamp = recorded.start_timestamp.or(info.start_timestamp);
        info.end_timestamp = recorded.end_timestamp.or(info.end_timestamp);
        info.error = recorded.error.or_else(|| info.error.take());
        info.attempt = recorded.attempt;
        info.next_attempt_timestamp = recorded.next_attempt_timestamp;
        if let (true, Some(result)) = (info.status.is_terminal(), record.result()) {
            self.result = Some(result.to_owned());
        }
        is_changed
    }

    /// Returns the notification that the operation ended, once.
    fn end(&mut self) -> Option<Notification> {
        if !self.info.status.is_terminal() || std::mem::replace(&mut self.has_ended, true) {
            return None;
        }
        if self.info.status == OperationStatus::Succeeded {
            self.info.error = None;
        }
        let (id, result) = (self.info.id.clone(), self.result.take());
        Some(Notification::Ended { id, result, is_replay: false })
    }
}
