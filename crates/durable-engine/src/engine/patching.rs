//! Changes of code that executions already past them must not see.

use durable_types::{OperationType, OperationUpdate, sub_type};

use super::{Engine, Phase};
use crate::operation::Head;
use crate::queue::Urgency;
use crate::{ContextKey, OperationId};

impl Engine {
    /// Whether the code from here on is the changed one.
    ///
    /// It is if that is recorded. Else it is if everything recorded in the context has been claimed, so that the
    /// execution is not past this point, and then that is recorded.
    pub fn patched(&mut self, context: ContextKey, change: &str) -> bool {
        let id = self.contexts.patch_id(context, change);
        if let Some(decided) = self.patches.get(&id) {
            return *decided;
        }
        let is_recorded = self.journal.take_patch(id);
        let is_fresh = matches!(self.phase, Phase::Running) && !self.is_replaying(context);
        if is_fresh && !is_recorded {
            self.record_patch(context, id, change);
        }
        self.patches.insert(id, is_recorded || is_fresh);
        is_recorded || is_fresh
    }

    fn record_patch(&mut self, context: ContextKey, id: OperationId, change: &str) {
        let parent = self.contexts.recorded_id(context);
        let head = Head { id, parent, name: Some(change.into()), sub_type: sub_type::PATCH };
        let start = OperationUpdate::start(head.id_text(), OperationType::Step);
        let succeed = OperationUpdate::succeed(head.id_text(), OperationType::Step, Some("true".to_owned()));
        for update in [start, succeed] {
            self.send(Some(head.send(update, Urgency::Relaxed)));
        }
    }
}
