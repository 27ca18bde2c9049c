//! What the methods of contexts do with their arguments, by their names.

use syn::{Ident, Path};

/// The methods of contexts that start an operation, or count as one.
const OPERATIONS: &[&str] = &[
    "compensate",
    "compensate_with",
    "create_callback",
    "invoke",
    "map",
    "now",
    "open_parallel",
    "parallel",
    "patched",
    "race",
    "random",
    "run_in_child_context",
    "saga",
    "step",
    "try_join",
    "uuid",
    "wait",
    "wait_for_callback",
    "wait_for_condition",
    "with_retry",
];

/// Those whose bodies run once and are recorded.
const RECORDED_BODIES: &[&str] =
    &["compensate", "compensate_with", "step", "wait_for_callback", "wait_for_condition"];

/// Those whose bodies get a context, and run again on replay.
const CONTEXT_BODIES: &[&str] = &["branch", "map", "run_in_child_context", "saga", "with_retry"];

/// The methods of builders whose last argument is a body.
const BUILDER_BODIES: &[&str] = &["branch", "compensate"];

/// The methods that register what runs later, instead of starting an operation.
const REGISTRATIONS: &[&str] = &["compensate", "compensate_with"];

/// The macros over futures; those in the second list take a context as their first argument.
const JOINS: &[&str] = &["join", "vec"];
const DECISIONS: &[&str] = &["race", "try_join"];

/// The methods that return the context itself, changed or not.
const CONTEXTS: &[&str] = &["clone", "using", "with_serdes"];

/// Whether a method of a context starts an operation.
pub(super) fn is_operation(method: &Ident) -> bool {
    OPERATIONS.iter().any(|name| method == name)
}

/// Whether a method of a context starts an operation, or takes a value, when it is called or awaited.
pub(super) fn starts(method: &Ident) -> bool {
    is_operation(method) && !REGISTRATIONS.iter().any(|name| method == name)
}

/// Whether the last argument of a method of a builder is a body.
pub(super) fn is_builder_of_body(method: &Ident) -> bool {
    BUILDER_BODIES.iter().any(|name| method == name)
}

/// The name of a macro that takes a context as its first argument and records what it decides.
pub(super) fn decision(path: &Path) -> Option<&Ident> {
    let name = &path.segments.last()?.ident;
    DECISIONS.iter().any(|decision| name == decision).then_some(name)
}

/// Whether the arguments of a macro are expressions that run where the macro stands.
pub(super) fn takes_futures(path: &Path) -> bool {
    let name = path.segments.last().map(|segment| &segment.ident);
    name.is_some_and(|name| JOINS.iter().chain(DECISIONS).any(|known| name == known))
}

/// Whether the last argument of a method is the body of a step, or of something recorded like one.
pub(super) fn has_recorded_body(method: &Ident) -> bool {
    RECORDED_BODIES.iter().any(|name| method == name)
}

/// How many of its first parameters the body that a method takes gets as contexts.
pub(super) fn contexts_of_body(method: &Ident) -> usize {
    if !CONTEXT_BODIES.iter().any(|name| method == name) {
        return 0;
    }
    if method == "saga" { 2 } else { 1 }
}

/// Whether a method of a context returns a context.
pub(super) fn returns_context(method: &Ident) -> bool {
    CONTEXTS.iter().any(|name| method == name)
}
