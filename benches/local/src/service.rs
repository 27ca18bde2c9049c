//! What the measurements need of a service.

use std::path::Path;

use crate::function::Work;
use crate::process::Process;

/// A kind of service.
pub trait Service {
    fn name(&self) -> &'static str;

    /// Starts it on a folder, and returns as soon as it is ready.
    fn start(&self, folder: &Path) -> Running;
}

/// A service that runs.
pub struct Running {
    pub process: Process,
    pub address: String,
    /// Starts an execution; gives its result, unless it is one that waits.
    pub execute: fn(&mut crate::http::Connection, Work) -> Option<String>,
}
