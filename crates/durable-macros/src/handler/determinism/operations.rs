//! The methods of contexts and how they use their arguments, by name.

use syn::{Ident, Path};

/// Methods of contexts that start an operation, or count as one.
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

/// Methods whose body runs once and is recorded.
const RECORDED_BODIES: &[&str] =
    &["compensate", "compensate_with", "step", "wait_for_callback", "wait_for_condition"];

/// Methods whose body receives a context and runs again on replay.
const CONTEXT_BODIES: &[&str] = &["branch", "map", "run_in_child_context", "saga", "with_retry"];

/// Methods of builders whose last argument is a body.
const BUILDER_BODIES: &[&str] = &["branch", "compensate"];

/// Methods that register a body to run later instead of starting an operation.
const REGISTRATIONS: &[&str] = &["compensate", "compensate_with"];

/// Macros over futures; those in the second list take a context as their first argument.
const JOINS: &[&str] = &["join", "vec"];
const DECISIONS: &[&str] = &["race", "try_join"];

/// Methods that return the context, possibly reconfigured.
const CONTEXTS: &[&str] = &["clone", "using", "with_serdes"];

/// Returns whether a method of a context starts an operation.
pub(super) fn is_operation(method: &Ident) -> bool {
    OPERATIONS.iter().any(|name| method == name)
}

/// Returns whether a method of a context starts an operation or derives a value.
pub(super) fn starts(method: &Ident) -> bool {
    is_operation(method) && !REGISTRATIONS.iter().any(|name| method == name)
}

/// Returns whether the last argument of a builder's method is a body.
pub(super) fn is_builder_of_body(method: &Ident) -> bool {
    BUILDER_BODIES.iter().any(|name| method == name)
}

/// Returns the name of a macro that takes a context as its first argument and records its decision.
pub(super) fn decision(path: &Path) -> Option<&Ident> {
    let name = &path.segments.last()?.ident;
    DECISIONS.iter().any(|decision| name == decision).then_some(name)
}

/// Returns whether the arguments of a macro are expressions that are evaluated in place.
pub(super) fn takes_futures(path: &Path) -> bool {
    let name = path.segments.last().map(|segment| &segment.ident);
    name.is_some_and(|name| JOINS.iter().chain(DECISIONS).any(|known| name == known))
}

/// Returns whether the last argument of a method is the body of a step, or of an operation recorded like one.
pub(super) fn has_recorded_body(method: &Ident) -> bool {
    RECORDED_BODIES.iter().any(|name| method == name)
}

/// Returns how many leading parameters of the body passed to a method are contexts.
pub(super) fn contexts_of_body(method: &Ident) -> usize {
    if !CONTEXT_BODIES.iter().any(|name| method == name) {
        return 0;
    }
    if method == "saga" { 2 } else { 1 }
}

/// Returns whether a method of a context returns a context.
pub(super) fn returns_context(method: &Ident) -> bool {
    CONTEXTS.iter().any(|name| method == name)
}
