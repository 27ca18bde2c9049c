//! The wakers of operations' futures.

use std::task::Waker;

use durable_engine::OperationKey;

use crate::future_set::RememberedWaker;

/// The wakers of futures that are pending because their operations have made no progress.
///
/// Replaced wakers are returned to the caller instead of dropped: dropping one may drop a task that holds operations.
#[derive(Default)]
pub(crate) struct Wakers {
    /// The waker with which the handler is polled.
    handler: Option<Waker>,
    by_index: Vec<Option<(OperationKey, WakerOf)>>,
}

/// The waker of an operation.
pub(crate) enum WakerOf {
    /// That of the handler.
    Handler,
    /// That of a task, or of a combinator that polls its children with wakers of its own.
    Other(RememberedWaker),
}

impl Wakers {
    /// Registers the waker with which the handler is polled, and returns the previous one.
    pub(crate) fn register_handler(&mut self, waker: Waker) -> Option<Waker> {
        self.handler.replace(waker)
    }

    /// Stores the waker of an operation, and returns the one that it replaces.
    pub(crate) fn keep(&mut self, key: OperationKey, waker: &Waker) -> Option<WakerOf> {
        let is_handler = self.handler.as_ref().is_some_and(|handler| handler.will_wake(waker));
        let index = key.index();
        if self.by_index.len() <= index {
            self.by_index.resize_with(index + 1, || None);
        }
        let kept = self.by_index.get_mut(index)?;
        match kept {
            Some((of, WakerOf::Handler)) if *of == key && is_handler => return None,
            Some((of, WakerOf::Other(kept))) if *of == key && kept.will_wake(waker) => return None,
            Some(_) | None => {}
        }
        let waker = if is_handler { WakerOf::Handler } else { WakerOf::Other(RememberedWaker::new(waker)) };
        kept.replace((key, waker)).map(|(_, replaced)| replaced)
    }

    /// Takes the waker of an operation, unless another operation has taken over its index.
    pub(crate) fn take(&mut self, key: OperationKey) -> Option<WakerOf> {
        let kept = self.by_index.get_mut(key.index())?;
        kept.take_if(|(of, _)| *of == key).map(|(_, waker)| waker)
    }

    /// Takes the waker of an operation in order to wake it.
    pub(crate) fn take_to_wake(&mut self, key: OperationKey) -> Option<RememberedWaker> {
        match self.take(key)? {
            WakerOf::Handler => self.handler.clone().map(RememberedWaker::Foreign),
            WakerOf::Other(waker) => Some(waker),
        }
    }
}
