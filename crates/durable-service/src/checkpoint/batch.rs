//! Validates the updates of one checkpoint, which are accepted atomically.

use std::collections::HashMap;

use durable_types::api::ServiceError;
use durable_types::{Operation, OperationAction, OperationType, OperationUpdate, SmallString, Timestamp};

use crate::environment::Environment;
use crate::event::OperationChanged;
use crate::execution::Execution;
use crate::operation::{Decision, ExecutionEnd, OperationChange, Scope, check_data, decide, reject};
use crate::quota::QuotaUse;
use crate::records::Records;

/// Validates the updates of one checkpoint against the recorded state and against each other.
pub(super) struct Batch<'a> {
    records: &'a Records,
    /// The quota usage before this checkpoint.
    used: [QuotaUse; 2],
    scope: Scope<'a>,
    synchronous: bool,
    now: Timestamp,
    touched: HashMap<SmallString, Touched>,
    added: usize,
    outcome: BatchOutcome,
}

/// The effect of the batch on one operation so far.
#[derive(Debug)]
struct Touched {
    updates: usize,
    /// The operation after its START, if this batch started it.
    started: Option<Operation>,
}

/// The changes that a batch makes, and the end of the execution if it has one.
#[derive(Debug, Default)]
pub(super) struct BatchOutcome {
    pub(super) changes: Vec<OperationChanged>,
    pub(super) end: Option<ExecutionEnd>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(execution: &'a Execution, environment: Environment<'a>, now: Timestamp) -> Self {
        Self {
            records: &execution.records,
            used: QuotaUse::of(execution, environment.settings),
            scope: Scope { arn: execution.arn(), seed: &execution.seed, environment },
            synchronous: execution.is_synchronous(),
            now,
            touched: HashMap::new(),
            added: 0,
            outcome: BatchOutcome::default(),
        }
    }

    /// Converts all updates into changes, or rejects all of them.
    pub(super) fn decide(mut self, updates: Vec<OperationUpdate>) -> Result<BatchOutcome, ServiceError> {
        check_end(&updates)?;
        for update in updates {
            self.decide_one(update)?;
        }
        let bytes = self.outcome.changes.iter().map(|changed| changed.change.data_len()).sum();
        let [operations, data] = self.used;
        match operations.exceeded_by(self.added).or_else(|| data.exceeded_by(bytes)) {
            Some(end) => Ok(BatchOutcome { changes: Vec::new(), end: Some(end) }),
            None => Ok(self.outcome),
        }
    }

    fn decide_one(&mut self, mut update: OperationUpdate) -> Result<(), ServiceError> {
        self.check_repetition(&update)?;
        self.check_parent(&update)?;
        let recorded = self.find(&update.operation_id);
        check_consistency(&update, recorded)?;
        check_data(&update, self.synchronous, self.scope.environment.settings)?;
        let decision = decide(&mut update, recorded, &self.scope)?;
        if let Err(violations) = update.validate() {
            return reject(violations.to_string());
        }
        match decision {
            Decision::Changed(change) => {
                let changed = changed(&update, recorded, change, self.now);
                self.touch(update, &changed);
                self.outcome.changes.push(changed);
            }
            Decision::ChangedTwice(changes) => {
                let changes = changes.map(|change| changed(&update, recorded, change, self.now));
                let [first, _] = &changes;
                self.touch(update, first);
                self.outcome.changes.extend(changes);
            }
            Decision::Ended(end) => self.outcome.end = Some(end),
        }
        Ok(())
    }

    /// Returns the operation as of the preceding updates.
    fn find(&self, id: &str) -> Option<&Operation> {
        let started = self.touched.get(id).and_then(|touched| touched.started.as_ref());
        started.or_else(|| self.records.find(id))
    }

    /// Rejects a second update of an operation, except that a batch may start and close a step or a context.
    fn check_repetition(&self, update: &OperationUpdate) -> Result<(), ServiceError> {
        let Some(touched) = self.touched.get(update.operation_id.as_str()) else { return Ok(()) };
        let may_follow = matches!(update.operation_type, OperationType::Step | OperationType::Context)
            && update.action != OperationAction::Start;
        if touched.updates == 1 && touched.started.is_some() && may_follow {
            return Ok(());
        }
        reject("Cannot checkpoint multiple operations with the same ID.")
    }

    fn check_parent(&self, update: &OperationUpdate) -> Result<(), ServiceError> {
        let Some(parent_id) = &update.parent_id else { return Ok(()) };
        match self.find(parent_id).map(|parent| &parent.operation_type) {
            Some(OperationType::Context) => Ok(()),
            Some(_) | None => reject("Invalid parent operation id."),
        }
    }

    /// Tracks the effect of an update, against which later updates are validated.
    fn touch(&mut self, update: OperationUpdate, changed: &OperationChanged) {
        let recorded = self.find(&update.operation_id);
        let is_new = recorded.is_none();
        let started = (update.action == OperationAction::Start).then(|| {
            let mut operation = recorded.cloned().unwrap_or_else(|| changed.introduced());
            changed.change.clone().apply(&mut operation, changed.at);
            operation
        });
        self.added += usize::from(is_new);
        let touched = self.touched.entry(update.operation_id).or_insert(Touched { updates: 0, started });
        touched.updates += 1;
    }
}

fn check_end(updates: &[OperationUpdate]) -> Result<(), ServiceError> {
    let is_end = |update: &&OperationUpdate| update.operation_type == OperationType::Execution;
    match (updates.iter().filter(is_end).count(), updates.last().filter(is_end)) {
        (0, _) | (1, Some(_)) => Ok(()),
        (1, None) => reject("EXECUTION checkpoint must be the last update."),
        _ => reject("Cannot checkpoint multiple EXECUTION updates."),
    }
}

/// Rejects an update whose type, subtype, name or parent differs from the record.
fn check_consistency(update: &OperationUpdate, recorded: Option<&Operation>) -> Result<(), ServiceError> {
    let Some(recorded) = recorded else { return Ok(()) };
    if update.operation_type != recorded.operation_type {
        return reject("Inconsistent operation type.");
    }
    if differs(update.sub_type.as_deref(), recorded.sub_type.as_deref()) {
        return reject("Inconsistent operation subtype.");
    }
    if differs(update.name.as_deref(), recorded.name.as_deref()) {
        return reject("Inconsistent operation name.");
    }
    if differs(update.parent_id.as_deref(), recorded.parent_id.as_deref()) {
        return reject("Inconsistent parent operation id.");
    }
    Ok(())
}

fn differs(said: Option<&str>, recorded: Option<&str>) -> bool {
    said.is_some() && said != recorded
}

/// Creates the event of a change. The identity of the operation comes from its record, or from the update if it is new.
fn changed(
    update: &OperationUpdate,
    recorded: Option<&Operation>,
    change: OperationChange,
    at: Timestamp,
) -> OperationChanged {
    let (parent_id, name, sub_type) = match recorded {
        Some(recorded) => (&recorded.parent_id, &recorded.name, &recorded.sub_type),
        None => (&update.parent_id, &update.name, &update.sub_type),
    };
    OperationChanged {
        at,
        id: update.operation_id.clone(),
        parent_id: parent_id.clone(),
        name: name.clone(),
        sub_type: sub_type.clone(),
        change,
    }
}
