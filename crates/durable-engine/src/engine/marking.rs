//! What the code asks about itself: whether it is past a change, what time it is. Recorded, but not behind the barrier.

use durable_types::{OperationType, OperationUpdate, Timestamp, sub_type};

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
        let is_recorded = self.journal.take(id).is_some();
        let is_fresh = matches!(self.phase, Phase::Running) && !self.is_replaying(context);
        if is_fresh && !is_recorded {
            let head = self.mark(context, id, change, sub_type::PATCH);
            self.record_mark(&head, "true".to_owned(), false);
        }
        self.patches.insert(id, is_recorded || is_fresh);
        is_recorded || is_fresh
    }

    /// The moment when the code asked for the time for the first time: `now`, unless another one is recorded.
    pub fn now(&mut self, context: ContextKey, name: Option<&str>, now: Timestamp) -> Timestamp {
        let id = self.contexts.next_value_id(context, sub_type::NOW, name);
        let recorded = self.journal.take(id);
        let is_started = recorded.is_some();
        let details = recorded.and_then(|mut recorded| recorded.step_details.take());
        let moment = details.and_then(|details| details.result?.parse().ok()).map(Timestamp::from_millis);
        moment.unwrap_or_else(|| {
            let head = self.mark(context, id, name.unwrap_or_default(), sub_type::NOW);
            self.record_mark(&head, now.as_millis().to_string(), is_started);
            Timestamp::from_millis(now.as_millis())
        })
    }

    fn mark(&self, context: ContextKey, id: OperationId, name: &str, sub_type: &'static str) -> Head {
        let parent = self.contexts.recorded_id(context);
        let name = (!name.is_empty()).then(|| name.into());
        Head { id, parent, name, sub_type }
    }

    fn record_mark(&mut self, head: &Head, value: String, is_started: bool) {
        let start = OperationUpdate::start(head.id_text(), OperationType::Step);
        let succeed = OperationUpdate::succeed(head.id_text(), OperationType::Step, Some(value));
        for update in (!is_started).then_some(start).into_iter().chain([succeed]) {
            self.send(Some(head.send(update, Urgency::Relaxed)));
        }
    }
}
