//! Markers and derived values: patches, times, and deterministic random values.

use durable_types::{Timestamp, sub_type};

use super::{Engine, Phase, claims};
use crate::claim::Claimant;
use crate::context::ContextKey;
use crate::identity::OperationId;
use crate::jitter;
use crate::markers::{self as marker, Markers};
use crate::occurrences::not_reproducible;
use crate::operation::OperationHeader;

impl Engine {
    /// Returns whether a change of the code applies from here on.
    ///
    /// It does if that is recorded. Otherwise it does if every record of the context has been claimed, which means that
    /// the execution is not past this point; this is then recorded.
    pub fn patched(&mut self, context: ContextKey, change: &str) -> bool {
        if !matches!(self.phase, Phase::Running) {
            return false;
        }
        let id = self.contexts.patch_id(context, change);
        let is_replaying = self.is_replaying(context);
        let (is_patched, is_new) = self.markers.patched(id, self.barrier.journal_mut(), is_replaying);
        if is_new {
            self.record_marker(context, id, (change, sub_type::PATCH), ("true".to_owned(), false));
        }
        is_patched
    }

    /// Returns the time at which the execution first reached this point: the recorded one, or else `now`.
    pub fn now(
        &mut self,
        context: ContextKey,
        name: Option<&str>,
        now: Timestamp,
        claimant: Claimant,
    ) -> Timestamp {
        let Some(id) = self.contexts.next_value_id(context, sub_type::NOW, name, claimant) else {
            self.fail(not_reproducible(name));
            return now;
        };
        let is_started = match Markers::recorded_time(id, self.barrier.journal_mut()) {
            Ok(recorded) => return recorded,
            Err(is_started) => is_started,
        };
        let value = (now.as_millis().to_string(), is_started);
        self.record_marker(context, id, (name.unwrap_or_default(), sub_type::NOW), value);
        Timestamp::from_millis(now.as_millis())
    }

    /// Returns pseudo-random bytes that are the same on every replay: a function of the execution, the context, the
    /// kind of value, the name, and how many such values the context requested before.
    pub fn derive(
        &mut self,
        context: ContextKey,
        kind: &'static str,
        name: Option<&str>,
        claimant: Claimant,
    ) -> [u8; 16] {
        let Some(id) = self.contexts.next_value_id(context, kind, name, claimant) else {
            self.fail(not_reproducible(name));
            return [0; 16];
        };
        jitter::bytes(self.execution_arn(), id)
    }

    fn record_marker(
        &mut self,
        context: ContextKey,
        id: OperationId,
        (name, sub_type): (&str, &'static str),
        (value, is_started): (String, bool),
    ) {
        let parent = self.contexts.recorded_id(context);
        let name = (!name.is_empty()).then(|| name.into());
        let header = OperationHeader { id, parent, name, sub_type };
        for update in marker::updates(&header, value, is_started) {
            if !self.enqueue(context, update) {
                return self.fail(claims::context_ended(&self.contexts.label(context), "a marker"));
            }
        }
    }
}
