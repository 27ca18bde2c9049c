//! How much of a delay is random.

/// How much of a delay is random.
///
/// The random part is derived from the execution, the operation and the attempt: clients spread out, and each execution
/// stays reproducible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// None of it: the delay is exactly what the strategy computes.
    None,
    /// All of it: the delay is at most what the strategy computes, and at least 1 second.
    Full,
    /// Half of it: the delay is between half of what the strategy computes and all of it.
    Half,
}

impl Jitter {
    /// The delay that remains of these seconds; `chance` is a fraction from 0 to 1.
    pub(super) fn apply(self, seconds: f64, chance: f64) -> f64 {
        match self {
            Self::None => seconds,
            Self::Full => seconds * chance,
            Self::Half => seconds / 2.0 + seconds / 2.0 * chance,
        }
    }
}
