//! Randomness for tokens and backoff.

use ring::rand::{SecureRandom, SystemRandom};
use uuid::{Builder, Uuid};

/// The randomness of the operating system.
///
/// A generator in the process would repeat itself in every sandbox that is restored from the same snapshot.
#[derive(Debug)]
pub(crate) struct Random(SystemRandom);

/// The operating system provides no randomness.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the operating system provides no randomness for the id of a request")]
pub(crate) struct NoRandomness;

impl Random {
    pub(crate) fn new() -> Self {
        Self(SystemRandom::new())
    }

    /// Returns a random UUID.
    pub(crate) fn uuid(&self) -> Result<Uuid, NoRandomness> {
        self.bytes().map(|bytes| Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Returns a fraction from 0 to below 1; 0 if there is no randomness.
    pub(super) fn fraction(&self) -> f64 {
        let number = self.bytes().map(u32::from_ne_bytes).unwrap_or_default();
        f64::from(number) / (f64::from(u32::MAX) + 1.0)
    }

    fn bytes<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(bytes)
    }
}
