//! Time and chance that are the same on every replay.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use durable_engine::{Claimant, Fatal};
use uuid::{Builder, Uuid};

use super::context::DurableContext;
use crate::name::OperationName;

/// What values are told apart by, beside their names.
const UUID: &str = "Uuid";
const RANDOM: &str = "Random";

impl DurableContext {
    /// The time when the code came here first, to the millisecond; the same on every replay.
    ///
    /// It is recorded under this name, together with whatever is recorded next: asking costs no request, but counts as an
    /// operation. It is no measure of how long code took, since time passes between invocations.
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

    /// A UUID of version 4 that is the same on every replay; nothing is recorded.
    ///
    /// It follows from the execution, the context and the name, and from how often the context asked for a UUID under this
    /// name, so no two executions get the same one. It is unlike any other but no secret.
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

    /// A number from 0 up to, but not including, 1 that is the same on every replay; nothing is recorded.
    ///
    /// It follows from the same things as a [`uuid`](Self::uuid), and is no secret either.
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

    /// Which code asks for a value; one that must not be asked for where the code is fails the execution.
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
