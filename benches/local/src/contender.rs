//! A service that takes part, and its data.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::folder;
use crate::services::{Running, Service};

/// Holds a service that runs from the first measurement of executions to the last.
pub struct Contender {
    pub service: Box<dyn Service>,
    folder: TempDir,
    running: Option<Running>,
}

impl Contender {
    pub fn new(service: Box<dyn Service>) -> Self {
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        Self { service, folder, running: None }
    }

    /// Starts the service on its own folder.
    pub fn start(&mut self) {
        self.running = Some(self.service.start(&self.data()));
    }

    /// Ends the service as a crash would.
    pub fn kill(&mut self) {
        self.running = None;
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().expect("it was started")
    }

    pub fn bytes_on_disk(&self) -> u64 {
        folder::size(&self.data())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}
