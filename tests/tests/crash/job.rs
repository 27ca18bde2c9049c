//! What an execution is asked to do, and what must come of it.

use std::path::Path;

use serde_json::{Value, json};

/// Every part that the function has, and what it comes to. That of a callback is what it is answered with.
const PARTS: [(&str, u64); 12] = [
    ("steps", 10),
    ("retries", 3),
    ("wait", 23),
    ("children", 110),
    ("map", 21),
    ("callback", 0),
    ("call", 23),
    ("once", 7),
    ("once_per_retry", 7),
    ("timeout", 1),
    ("heartbeat", 2),
    ("large", 200_000),
];

/// Parts of an execution.
const LENGTH: usize = 3;

/// An execution of its own mix of operations.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    parts: Vec<(&'static str, u64)>,
}

impl Job {
    /// The job of this number. Each of twelve in a row begins with another part; the rest is chance.
    pub(crate) fn draw(index: usize, chance: &mut fastrand::Rng) -> Self {
        let first = PARTS[index % PARTS.len()];
        let others = std::iter::repeat_with(|| PARTS[chance.usize(..PARTS.len())]);
        let parts = std::iter::once(first).chain(others).take(LENGTH).collect();
        Self { id: format!("e{index}"), parts }
    }

    pub(crate) fn input(&self, folder: &Path) -> String {
        let parts: Vec<&str> = self.parts.iter().map(|(part, _)| *part).collect();
        json!({ "id": self.id, "folder": folder, "parts": parts }).to_string()
    }

    /// Whether the execution may end with this. `answered` tells whether its callback in a part took an answer.
    pub(crate) fn accepts(&self, result: &Value, answered: impl Fn(&str, u64) -> bool) -> bool {
        let Some(results) = result.as_array() else { return false };
        let fits = |(index, (part, value)): (usize, &(&str, u64))| match (*part, results[index].as_u64()) {
            ("callback", Some(answer)) => answered(&format!("{}.p{index}", self.id), answer),
            // Its body began and was interrupted, and must not run again.
            ("once", None) => results[index].is_null(),
            (_, found) => found == Some(*value),
        };
        results.len() == self.parts.len() && self.parts.iter().enumerate().all(fits)
    }
}
