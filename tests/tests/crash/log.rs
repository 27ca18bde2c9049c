//! What the functions logged: the bodies that ran, and what handlers saw of their results.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// An execution and one of its steps.
pub(crate) type Step = (String, String);

/// What the functions logged.
#[derive(Default)]
pub(crate) struct Log {
    /// How often each attempt of a step ran.
    pub(crate) runs: BTreeMap<(Step, u32), usize>,
    /// The results that handlers saw of each step, by their nonces. They were acknowledged.
    pub(crate) seen: BTreeMap<Step, BTreeSet<u64>>,
    /// Executions that were invoked while they were running.
    pub(crate) twice: BTreeSet<String>,
}

impl Log {
    pub(crate) fn read(folder: &Path) -> Self {
        let mut log = Self::default();
        for line in std::fs::read_to_string(folder.join("log")).unwrap_or_default().lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let [kind, execution, step, attempt, nonce] = words[..] else { panic!("half a line: {line}") };
            let step = (execution.to_owned(), step.to_owned());
            match kind {
                "ran" => *log.runs.entry((step, attempt.parse().unwrap())).or_default() += 1,
                "twice" => drop(log.twice.insert(execution.to_owned())),
                _ => drop(log.seen.entry(step).or_default().insert(nonce.parse().unwrap())),
            }
        }
        log
    }

    /// Bodies that ran although their attempt had run before.
    pub(crate) fn repetitions(&self) -> usize {
        self.runs.values().map(|runs| runs - 1).sum()
    }
}
