//! How long requests may take.

use std::time::Duration;

/// The time limit for a connection, including its TLS handshake.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The time limit from the first byte of a request to the head of its response, and again for the body.
pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(50);

/// The time limit of a response that waits for the end of an execution: Lambda responds within 15 minutes.
pub(crate) const EXECUTION_TIMEOUT: Duration = Duration::from_secs(16 * 60);
