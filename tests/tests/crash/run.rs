//! How long a run is and what it is drawn from, and how to repeat it.

use std::path::{Path, PathBuf};
use std::{env, fs, thread};

use tempfile::TempDir;

/// The settings of a run, and its folder. If the test fails, dropping it tells how to repeat the run and keeps the
/// folder.
pub(crate) struct Run {
    pub(crate) executions: usize,
    pub(crate) kills: usize,
    pub(crate) seed: u64,
    folder: TempDir,
}

impl Run {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for part in ["callbacks", "locks"] {
            fs::create_dir(folder.path().join(part)).unwrap();
        }
        Self {
            executions: usize::try_from(setting("DURABLE_CRASH_EXECUTIONS", 24)).unwrap(),
            kills: usize::try_from(setting("DURABLE_CRASH_KILLS", 8)).unwrap(),
            seed: setting("DURABLE_CRASH_SEED", 1),
            folder,
        }
    }

    /// Where everything of it lies.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where functions leave the ids of callbacks.
    pub(crate) fn callbacks(&self) -> PathBuf {
        self.folder.path().join("callbacks")
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if thread::panicking() {
            self.folder.disable_cleanup(true);
            let Self { executions, kills, seed, folder } = self;
            eprintln!(
                "what is left is in {}; to repeat it:\nDURABLE_CRASH_EXECUTIONS={executions} \
                 DURABLE_CRASH_KILLS={kills} DURABLE_CRASH_SEED={seed} cargo test -p durable-tests --test crash",
                folder.path().display()
            );
        }
    }
}

/// A number from the environment.
fn setting(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}
