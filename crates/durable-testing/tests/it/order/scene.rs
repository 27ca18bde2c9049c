//! A context whose operations are traced.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use durable_core::{DurableContext, Result};

use super::Trace;

/// A context whose operations are traced.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) ctx: DurableContext,
    pub(crate) trace: Arc<Trace>,
}

impl Scene {
    /// The same trace in another context.
    pub(crate) fn within(&self, ctx: &DurableContext) -> Self {
        Self { ctx: ctx.clone(), trace: Arc::clone(&self.trace) }
    }

    /// Runs a step at a place of the code; its body takes a while and returns a value.
    pub(crate) async fn step(&self, name: &str, place: &str, millis: u64, value: usize) -> Result<usize> {
        let body = format!("{name} at {place}");
        let step = self.ctx.step(name, async |_| {
            self.trace.run(&body);
            if millis > 0 {
                tokio::time::sleep(Duration::from_millis(millis)).await;
            }
            Ok(value)
        });
        let value = step.await?;
        self.see(place, &value);
        Ok(value)
    }

    /// Suspends the execution, so that what came before is replayed.
    pub(crate) async fn pause(&self, name: &str) -> Result<()> {
        self.ctx.wait(name, Duration::from_secs(1)).await?;
        Ok(())
    }

    /// Records that the handler saw a value at a place of its code.
    pub(crate) fn see(&self, place: &str, value: &impl Debug) {
        self.trace.see(place, value);
    }
}
