//! The secret that the local service shares with its clients.

/// Returns the secret of the local service, if the environment sets one.
pub(crate) fn shared_secret() -> Option<String> {
    std::env::var("DURABLE_SECRET").ok().filter(|secret| !secret.is_empty())
}
