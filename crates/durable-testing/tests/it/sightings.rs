//! Values that a handler saw at places of its code, over all its invocations.

use std::collections::BTreeMap;
use std::fmt::Debug;

/// Values that a handler saw at places of its code, over all its invocations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sightings(BTreeMap<String, Vec<String>>);

impl Sightings {
    /// Records that the handler saw a value at a place.
    pub(crate) fn note(&mut self, place: &str, value: &impl Debug) {
        let value = format!("{value:?}");
        let values = self.0.entry(place.to_owned()).or_default();
        if !values.contains(&value) {
            values.push(value);
        }
    }

    /// Describes the places at which two invocations saw different values, with these values.
    pub(crate) fn changes(&self) -> Vec<String> {
        let changed = self.0.iter().filter(|(_, values)| values.len() > 1);
        changed.map(|(place, values)| format!("{place}: {}", values.join(", then "))).collect()
    }
}
