//! The settings of the API.

use durable_http_body::ByteBudget;
use rustix::process::{Resource, getrlimit};

use super::guard::Guard;

/// The default limit on connections, however many files the process may open.
const MAX_CONNECTIONS: usize = 8_192;
/// The default limit on connections, however few files the process may open.
const MIN_CONNECTIONS: usize = 64;

/// The settings of the API.
#[non_exhaustive]
pub struct HttpSettings {
    /// Decides which requests are answered.
    pub guard: Guard,
    /// The memory that the bodies of all requests may hold together. Checkpoints, reads of states and answers to callbacks
    /// may use its reserve, so uploads cannot starve running functions.
    pub bodies: ByteBudget,
    /// The number of connections that may be open. Half as many invocations may be in progress, because callers may wait
    /// long for their results; the others remain for checkpoints, by which executions end.
    ///
    /// The default is half of the files that the process may open, within 64 and 8,192.
    pub connections: usize,
}

impl HttpSettings {
    /// Creates settings with the default limits.
    pub fn new(guard: Guard) -> Self {
        Self { guard, bodies: ByteBudget::default(), connections: default_connections() }
    }
}

fn default_connections() -> usize {
    let files = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok());
    files.map_or(MAX_CONNECTIONS, |files| (files / 2).clamp(MIN_CONNECTIONS, MAX_CONNECTIONS))
}
