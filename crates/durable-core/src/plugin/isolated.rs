//! A plugin whose failures affect nothing else.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use super::any_plugin::{AnyPlugin, HookFuture};
use crate::error::{BoxError, with_causes};
use crate::panic::panicked;

/// A plugin whose panics and errors are caught, and reported once.
pub(super) struct Isolated {
    plugin: Option<Box<dyn AnyPlugin>>,
    name: &'static str,
    has_failed: AtomicBool,
}

impl Isolated {
    /// Creates a plugin. It has no hooks if that fails.
    pub(super) fn create(name: &'static str, create: impl FnOnce() -> Box<dyn AnyPlugin>) -> Self {
        let mut isolated = Self { plugin: None, name, has_failed: AtomicBool::new(false) };
        isolated.plugin = isolated.caught("its creation", || Ok(Some(create())));
        isolated
    }

    /// Calls a hook.
    pub(super) fn call(&self, hook: &str, call: impl FnOnce(&dyn AnyPlugin) -> Result<(), BoxError>) {
        self.ask(hook, |plugin| call(plugin).map(|()| None::<()>));
    }

    /// Calls a hook that may return something.
    pub(super) fn ask<R>(
        &self,
        hook: &str,
        call: impl FnOnce(&dyn AnyPlugin) -> Result<Option<R>, BoxError>,
    ) -> Option<R> {
        let plugin = self.plugin.as_deref()?;
        self.caught(hook, || call(plugin))
    }

    /// Calls an async hook and waits until it returns.
    pub(super) async fn wait<'a>(
        &'a self,
        hook: &str,
        call: impl FnOnce(&'a dyn AnyPlugin) -> HookFuture<'a>,
    ) {
        let Some(plugin) = self.plugin.as_deref() else { return };
        let Some(mut future) = self.caught(hook, || Ok(Some(call(plugin)))) else { return };
        let polled = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(polled) => polled,
            Err(panic) => {
                self.report_panic(hook, panic);
                Poll::Ready(Ok(()))
            }
        });
        let ended = polled.await;
        self.caught(hook, || {
            drop(future);
            ended.map(|()| None::<()>)
        });
    }

    fn caught<R>(&self, hook: &str, call: impl FnOnce() -> Result<Option<R>, BoxError>) -> Option<R> {
        let called = catch_unwind(AssertUnwindSafe(|| {
            call().unwrap_or_else(|error| {
                self.report(hook, || with_causes(error.as_ref()));
                None
            })
        }));
        called.unwrap_or_else(|panic| {
            self.report_panic(hook, panic);
            None
        })
    }

    fn report_panic(&self, hook: &str, panic: Box<dyn Any + Send>) {
        self.report(hook, || panicked(panic.as_ref()).error_message.unwrap_or_default());
        // The value that a panic carries may panic again when it is dropped.
        drop(catch_unwind(AssertUnwindSafe(|| drop(panic))));
    }

    fn report(&self, hook: &str, problem: impl FnOnce() -> String) {
        if self.has_failed.load(Ordering::Relaxed) {
            return;
        }
        // Formatting the error may panic, which is then what is reported.
        let error = problem();
        if !self.has_failed.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "durable::plugin",
                plugin = self.name,
                hook,
                error,
                "a plugin failed; the invocation is not affected, and later failures of the plugin are not reported",
            );
        }
    }
}

impl Drop for Isolated {
    fn drop(&mut self) {
        let plugin = self.plugin.take();
        self.caught("its drop", || {
            drop(plugin);
            Ok(None::<()>)
        });
    }
}
