//! What a handler saw and did, over all its invocations.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Mutex;

use crate::sightings::Sightings;

/// What a handler saw and did, over all its invocations.
#[derive(Debug, Default)]
pub(crate) struct Trace(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    seen: Sightings,
    /// How often each body ran.
    runs: BTreeMap<String, usize>,
}

impl Trace {
    /// Records that the handler saw a value at a place of its code.
    pub(crate) fn see(&self, place: &str, value: &impl Debug) {
        self.0.lock().unwrap().seen.note(place, value);
    }

    /// Records that a body runs.
    pub(crate) fn run(&self, body: &str) {
        *self.0.lock().unwrap().runs.entry(body.to_owned()).or_default() += 1;
    }

    /// Describes the places at which two invocations saw different values.
    pub(crate) fn changes(&self) -> Vec<String> {
        self.0.lock().unwrap().seen.changes()
    }

    /// How often each body ran.
    pub(crate) fn runs(&self) -> BTreeMap<String, usize> {
        self.0.lock().unwrap().runs.clone()
    }

    /// The bodies that ran more than once.
    pub(crate) fn reruns(&self) -> Vec<String> {
        self.runs().into_iter().filter(|(_, runs)| *runs > 1).map(|(body, _)| body).collect()
    }

    /// The different bodies that ran and whose name starts with a prefix.
    pub(crate) fn effects(&self, prefix: &str) -> Vec<String> {
        self.runs().into_keys().filter(|body| body.starts_with(prefix)).collect()
    }
}
