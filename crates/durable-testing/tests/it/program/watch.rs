//! Who watches which bodies run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Mutex;
use std::time::Duration;

use crate::sightings::Sightings;

/// What has run, and what must not run any more.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// How many times as long as it says a step takes.
    slowness: u64,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// How often the body of a step began an attempt, by the path of the step and the number of the attempt.
    begun: BTreeMap<(String, u32), u32>,
    /// The attempts of steps that run at most once.
    once: BTreeSet<(String, u32)>,
    /// The steps whose result a handler has seen.
    ended: BTreeSet<String>,
    /// Those that ran after that.
    rerun: Vec<String>,
    /// What handlers saw at each place.
    sightings: Sightings,
}

impl Watch {
    /// Watches steps that take `slowness` times as long as their program specifies.
    pub(crate) fn slow(slowness: u64) -> Self {
        Self { slowness, ..Self::default() }
    }

    /// How long a step takes for which a program specifies this.
    pub(crate) fn duration(&self, millis: u64) -> Duration {
        Duration::from_millis(millis * self.slowness.max(1))
    }

    /// Notes that the body of a step begins; how often it has begun before in any attempt comes back.
    pub(crate) fn begin(&self, path: &str, attempt: u32, is_at_most_once: bool) -> usize {
        let mut seen = self.seen.lock().unwrap();
        if seen.ended.contains(path) {
            seen.rerun.push(path.to_owned());
        }
        let key = (path.to_owned(), attempt);
        if is_at_most_once {
            seen.once.insert(key.clone());
        }
        let begun: u32 =
            seen.begun.iter().filter(|((other, _), _)| other == path).map(|(_, count)| count).sum();
        *seen.begun.entry(key).or_default() += 1;
        usize::try_from(begun).unwrap()
    }

    /// Notes that a handler has seen the result of a step.
    pub(crate) fn end(&self, path: &str) {
        self.seen.lock().unwrap().ended.insert(path.to_owned());
    }

    /// Notes what a handler sees at a place.
    pub(crate) fn see(&self, place: &str, value: &impl Debug) {
        self.seen.lock().unwrap().sightings.note(place, value);
    }

    /// The places at which two invocations saw different values.
    pub(crate) fn changes(&self) -> Vec<String> {
        self.seen.lock().unwrap().sightings.changes()
    }

    /// The attempts that ran more than once although they run at most once.
    pub(crate) fn repeated(&self) -> Vec<(String, u32)> {
        let seen = self.seen.lock().unwrap();
        seen.once.iter().filter(|attempt| seen.begun[attempt] > 1).cloned().collect()
    }

    /// The steps that ran although a handler had seen their results.
    pub(crate) fn rerun(&self) -> Vec<String> {
        self.seen.lock().unwrap().rerun.clone()
    }
}
