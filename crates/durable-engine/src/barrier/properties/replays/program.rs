//! Random handlers: trees of operations, chains, joins and races, with few names.

use proptest::prelude::*;

/// A handler or a part of one. Operations are claimed as soon as the part that begins with them is created.
#[derive(Clone, Debug)]
pub(super) enum Program {
    Operation(Leaf),
    /// One after another.
    Chain(Vec<Program>),
    /// Concurrent parts; every poll polls all that have not ended, as `join!` does.
    Join(Vec<Program>),
    /// Concurrent parts; a poll polls those that were woken, in that order, as `FuturesUnordered` does.
    Unordered(Vec<Program>),
    /// The first to end wins and the others are dropped, as with `select!`, which polls them in random order. An
    /// operation named after the winner follows.
    Select(Vec<Program>),
    /// The first operation is claimed before the rest runs, and is awaited after it or dropped without being polled.
    Ahead {
        first: Leaf,
        then: Box<Program>,
        is_awaited: bool,
    },
    /// A child context. The result of a large one is rebuilt on replay.
    Context {
        name: u8,
        is_large: bool,
        body: Box<Program>,
    },
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    pub(super) kind: Kind,
    pub(super) name: u8,
    /// How long its body, or the service, takes.
    pub(super) micros: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// Runs in the invocation and is recorded when it has ended.
    Step,
    /// Is ended by the service after a time that its record contains.
    Wait,
    /// Receives an id first, and is answered by an external system.
    Callback,
    /// Encloses other operations.
    Context,
}

impl Kind {
    pub(super) fn sub_type(self) -> &'static str {
        match self {
            Self::Step => "Step",
            Self::Wait => "Wait",
            Self::Callback => "Callback",
            Self::Context => "RunInChildContext",
        }
    }

    /// Returns whether the service ends it.
    pub(super) fn is_remote(self) -> bool {
        matches!(self, Self::Wait | Self::Callback)
    }
}

pub(super) fn programs() -> impl Strategy<Value = Program> {
    let leaf = leaves().prop_map(Program::Operation);
    leaf.prop_recursive(3, 16, 3, |inner| {
        let parts = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            3 => parts.clone().prop_map(Program::Chain),
            2 => parts.clone().prop_map(Program::Join),
            2 => parts.clone().prop_map(Program::Unordered),
            2 => parts.prop_map(Program::Select),
            1 => (leaves(), inner.clone(), any::<bool>()).prop_map(|(first, then, is_awaited)| {
                Program::Ahead { first, then: Box::new(then), is_awaited }
            }),
            1 => (0..2_u8, any::<bool>(), inner).prop_map(|(name, is_large, body)| {
                Program::Context { name, is_large, body: Box::new(body) }
            }),
        ]
    })
}

fn leaves() -> impl Strategy<Value = Leaf> {
    let kind = prop_oneof![3 => Just(Kind::Step), 2 => Just(Kind::Wait), 1 => Just(Kind::Callback)];
    // Many end within the same few milliseconds.
    (kind, 0..2_u8, prop_oneof![3 => 0..400_u64, 1 => 0..5_000_u64]).prop_map(|(kind, name, micros)| {
        // No wait ends in the unit of time in which it started: the shortest is a second.
        let shortest = if kind == Kind::Wait { 1_000 } else { 0 };
        Leaf { kind, name, micros: shortest + micros }
    })
}
