//! Deletes executions, on request or when their retention expires.

use durable_types::api::ServiceError;

use super::after_deletion::AfterDeletion;
use super::dispatcher::Dispatcher;
use super::execution_id::ExecutionId;
use super::output::Output;
use super::slot::Slot;

impl<T> Dispatcher<T> {
    /// Deletes executions whose retention has expired, unless they are in use.
    pub fn handle_expired(&mut self, expired: Vec<ExecutionId>) {
        for id in expired {
            if !self.slots.contains_key(&id) {
                self.delete(&id, Vec::new());
            }
        }
    }

    /// Handles the result of [`Output::Delete`]. After a failure, the execution is deleted when its retention expires.
    pub fn handle_deleted(&mut self, id: &ExecutionId, deleted: Result<(), ServiceError>) {
        let Some(Slot::Deleting(after)) = self.slots.remove(id) else { return };
        self.deliveries.retain_of(id, None);
        self.calls.retain_of(id, &[]);
        if deleted.is_ok() {
            self.failures.remove(id);
        }
        for after in after {
            match after {
                AfterDeletion::Answer(token, answer) => self.push(Output::Answer(token, answer)),
                AfterDeletion::AnswerIfDeleted(token, answer) => {
                    self.push(Output::Answer(token, deleted.clone().map(|()| answer)));
                }
                AfterDeletion::LookUp(name) => match &deleted {
                    Ok(()) => self.push(Output::FindName(name)),
                    Err(error) => {
                        for request in self.names.take(&name) {
                            self.push(Output::Answer(request.into_token(), Err(error.clone())));
                        }
                    }
                },
                AfterDeletion::Load if self.slots.contains_key(id) => {}
                AfterDeletion::Load => self.load(id),
            }
        }
    }

    /// Deletes an execution that is not in memory.
    pub(super) fn delete(&mut self, id: &ExecutionId, after: Vec<AfterDeletion<T>>) {
        self.timers.set(id, None);
        self.slots.insert(id.clone(), Slot::Deleting(after));
        self.push(Output::Delete(id.clone()));
    }
}
