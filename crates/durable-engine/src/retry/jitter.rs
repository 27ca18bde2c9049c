//! How much of a delay is random.

/// How much of a delay is random.
///
/// The random part is derived from the execution, the operation and the attempt. So clients spread out, but each
/// execution is reproducible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// None: the delay is exactly what the strategy computes.
    None,
    /// All: the delay is at least 1 second and at most what the strategy computes.
    Full,
    /// Half: the delay is between half of what the strategy computes and all of it.
    Half,
}

impl Jitter {
    /// Applies jitter to a delay in seconds; `chance` is a fraction from 0 to 1.
    pub(super) fn apply(self, seconds: f64, chance: f64) -> f64 {
        match self {
            Self::None => seconds,
            Self::Full => seconds * chance,
            Self::Half => seconds / 2.0 + seconds / 2.0 * chance,
        }
    }
}
