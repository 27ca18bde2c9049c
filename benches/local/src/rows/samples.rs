//! What was measured of each service in each round.

use crate::contender::Contender;

/// Values by contender and round.
pub struct Samples<T>(Vec<Vec<T>>);

impl<T> Samples<T> {
    /// Measures the contenders one after the other in each round, so that the load of the machine affects them alike.
    ///
    /// A contender for which there is no value is left out.
    pub fn take_turns(
        contenders: &mut [Contender],
        rounds: usize,
        measure: impl Fn(&mut Contender) -> Option<T>,
    ) -> Self {
        let mut samples: Vec<Vec<T>> = contenders.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds {
            for (contender, samples) in contenders.iter_mut().zip(&mut samples) {
                samples.extend(measure(contender));
            }
        }
        Self(samples)
    }

    /// Measures all contenders at the same time in each round.
    pub fn together(
        contenders: &[Contender],
        rounds: usize,
        measure: impl Fn(&[Contender]) -> Vec<T>,
    ) -> Self {
        let mut samples: Vec<Vec<T>> = contenders.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds {
            for (value, samples) in measure(contenders).into_iter().zip(&mut samples) {
                samples.push(value);
            }
        }
        Self(samples)
    }

    /// Takes one figure from each value.
    pub fn figures(&self, figure: impl Fn(&T) -> f64) -> Vec<Vec<f64>> {
        self.0.iter().map(|rounds| rounds.iter().map(&figure).collect()).collect()
    }

    pub fn map<U>(self, convert: impl Fn(T) -> U) -> Samples<U> {
        Samples(self.0.into_iter().map(|rounds| rounds.into_iter().map(&convert).collect()).collect())
    }

    /// Combines values of the same contender and round. A contender may lack values in `other`.
    pub fn merge(self, other: Self, combine: impl Fn(T, T) -> T) -> Self {
        let rounds = |(left, right): (Vec<T>, Vec<T>)| match right.is_empty() {
            true => left,
            false => left.into_iter().zip(right).map(|(left, right)| combine(left, right)).collect(),
        };
        Self(self.0.into_iter().zip(other.0).map(rounds).collect())
    }
}
