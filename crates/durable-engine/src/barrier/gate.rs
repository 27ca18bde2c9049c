//! The gate of one recorded context, at which new operations wait until all recorded ones have been claimed.

use std::collections::BTreeSet;

use crate::identity::OperationId;
use crate::operation_key::OperationKey;

/// Identifies a gate of the barrier that created it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GateKey(usize);

impl GateKey {
    /// The gate of the handler's own context.
    pub(crate) const ROOT: Self = Self(0);
}

/// The gates of all recorded contexts of an invocation.
#[derive(Debug, Default)]
pub(super) struct Gates(Vec<Gate>);

#[derive(Debug)]
pub(super) struct Gate {
    /// The recorded context, or `None` at the top level.
    pub(super) context: Option<OperationId>,
    /// The gate of the enclosing context.
    parent: Option<GateKey>,
    /// The new operations that wait here, in the order of their claims.
    pub(super) waiting: BTreeSet<OperationKey>,
    pub(super) state: GateState,
    /// Whether a new operation has started although records may remain unclaimed, as replay by name allows.
    pub(super) is_past_replay: bool,
}

/// The state of the body behind a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GateState {
    /// It is running.
    Running,
    /// It is running only to rebuild a result that was too large to record: the end of the context is recorded.
    Rebuilding,
    /// It has ended.
    Ended,
}

impl Gates {
    pub(super) fn open(
        &mut self,
        context: Option<OperationId>,
        parent: Option<GateKey>,
        is_rebuilding: bool,
    ) -> GateKey {
        let state = if is_rebuilding { GateState::Rebuilding } else { GateState::Running };
        self.0.push(Gate { context, parent, waiting: BTreeSet::new(), state, is_past_replay: false });
        GateKey(self.0.len() - 1)
    }

    pub(super) fn get(&self, key: GateKey) -> Option<&Gate> {
        self.0.get(key.0)
    }

    pub(super) fn get_mut(&mut self, key: GateKey) -> Option<&mut Gate> {
        self.0.get_mut(key.0)
    }

    /// Returns whether a gate belongs to a recorded context or one inside it.
    pub(super) fn is_inside(&self, gate: GateKey, context: OperationId) -> bool {
        let mut next = Some(gate);
        while let Some(gate) = next.and_then(|key| self.get(key)) {
            if gate.context == Some(context) {
                return true;
            }
            next = gate.parent;
        }
        false
    }

    /// Returns whether `inner` is `outer` or enclosed by it.
    pub(super) fn is_within(&self, inner: GateKey, outer: GateKey) -> bool {
        let mut next = Some(inner);
        while let Some(key) = next {
            if key == outer {
                return true;
            }
            next = self.get(key).and_then(|gate| gate.parent);
        }
        false
    }

    /// Returns the gates at which operations wait.
    pub(super) fn blocked(&self) -> impl Iterator<Item = (GateKey, &Gate)> {
        let gates = self.0.iter().enumerate().map(|(index, gate)| (GateKey(index), gate));
        gates.filter(|(_, gate)| !gate.waiting.is_empty())
    }
}
