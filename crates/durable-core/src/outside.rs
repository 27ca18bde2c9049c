//! Marks code that runs outside of any scope, such as hooks of plugins, although code in a scope called it.

use std::cell::Cell;

thread_local! {
    static IS_OUTSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Runs code, such as a hook of a plugin, that is in no scope of an execution meanwhile. It must not panic.
pub(crate) fn outside<R>(run: impl FnOnce() -> R) -> R {
    let before = IS_OUTSIDE.replace(true);
    let result = run();
    IS_OUTSIDE.set(before);
    result
}

/// Returns whether the calling code is in no scope.
pub(crate) fn is_outside() -> bool {
    IS_OUTSIDE.get()
}
