//! Where plugins print their records.

use std::io::{Stdout, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Prints lines that several plugins write.
#[derive(Clone)]
pub(crate) struct Printer(Arc<Mutex<dyn Write + Send>>);

impl Printer {
    pub(crate) fn new(writer: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(writer)))
    }

    pub(super) fn print(&self, line: &str) {
        let mut writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // As with the log lines of handlers, there is nowhere to report a failure.
        let _ = writer.write_all(format!("{line}\n").as_bytes());
    }
}

impl From<Stdout> for Printer {
    fn from(stdout: Stdout) -> Self {
        Self::new(stdout)
    }
}
