//! Time and random values that are the same on every replay.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use durable_engine::{Claimant, Fatal};
use uuid::{Builder, Uuid};

use super::context::DurableContext;
use crate::name::OperationName;

/// The kinds of derived values, which are part of their identity.
const UUID: &str = "Uuid";
const RANDOM: &str = "Random";

impl DurableContext {
    /// Returns the time at which the execution first reached this point, in milliseconds; the same on every replay.
    ///
    /// The time is recorded under this name, together with the next update: it needs no request of its own, but counts
    /// as an operation. Do not use it to measure the run time of code, since time passes between invocations.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// async fn handler(_: (), ctx: DurableContext) -> Result<bool> {
    ///     let began = ctx.now("began");
    ///     ctx.wait("settle", Duration::from_secs(60)).await?;
    ///     let waited = ctx.now("settled").duration_since(began).unwrap_or_default();
    ///     Ok(waited >= Duration::from_secs(60))
    /// }
    /// ```
    pub fn now<'n>(&self, name: impl Into<OperationName<'n>>) -> SystemTime {
        let (name, now) = (name.into(), self.shared.clock().now());
        let moment = match self.value_claimant(&name, "now") {
            Some(claimant) => {
                self.shared.claim(|engine| engine.now(self.key, name.as_deref(), now, claimant))
            }
            None => now,
        };
        UNIX_EPOCH + Duration::from_millis(u64::try_from(moment.as_millis()).unwrap_or_default())
    }

    /// Returns a version 4 UUID that is the same on every replay; nothing is recorded.
    ///
    /// The UUID is derived from the execution, the context, the name, and the number of UUIDs requested under this name
    /// before. It is unique across executions, but not secret.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn charge(key: &str) -> std::io::Result<()> { Ok(()) }
    /// async fn handler(_: (), ctx: DurableContext) -> Result<()> {
    ///     let key = ctx.uuid("charge").to_string();
    ///     ctx.step("charge", async |_| Ok(charge(&key).await?)).await
    /// }
    /// ```
    pub fn uuid<'n>(&self, name: impl Into<OperationName<'n>>) -> Uuid {
        Builder::from_random_bytes(self.derive(UUID, name.into())).into_uuid()
    }

    /// Returns a number from 0 (inclusive) to 1 (exclusive) that is the same on every replay; nothing is recorded.
    ///
    /// The number is derived like a [`uuid`](Self::uuid) and is not secret either.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// async fn is_inspected(_: (), ctx: DurableContext) -> Result<bool> {
    ///     Ok(ctx.random("sample") < 0.05)
    /// }
    /// ```
    pub fn random<'n>(&self, name: impl Into<OperationName<'n>>) -> f64 {
        let bytes = self.derive(RANDOM, name.into());
        let number = u32::from_le_bytes(bytes.first_chunk().copied().unwrap_or_default());
        f64::from(number) / (f64::from(u32::MAX) + 1.0)
    }

    fn derive(&self, kind: &'static str, name: OperationName<'_>) -> [u8; 16] {
        match self.value_claimant(&name, kind) {
            Some(claimant) => {
                self.shared.claim(|engine| engine.derive(self.key, kind, name.as_deref(), claimant))
            }
            None => [0; 16],
        }
    }

    /// Returns which code requests a value; fails the execution if that code must not request one.
    fn value_claimant(&self, name: &OperationName<'_>, kind: &str) -> Option<Claimant> {
        let label = name.as_deref().unwrap_or_default();
        let claimant = match name.problem() {
            None => self.claimant(|| format!("{} `{label}`", kind.to_lowercase())),
            Some(problem) => Err(Fatal::Misuse(format!(
                "{} `{label}` cannot be requested: {problem}",
                kind.to_lowercase()
            ))),
        };
        claimant.map_err(|fatal| self.shared.fail(fatal)).ok()
    }
}
