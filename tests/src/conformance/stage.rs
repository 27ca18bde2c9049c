//! An execution that a requirement is about, wherever it runs.

use std::time::Duration;

use serde_json::Value;

use super::failure::Failure;
use super::logs::LogRecord;

/// How an execution stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) status: String,
    pub(crate) result: Option<String>,
    /// What it failed with, as GetDurableExecution tells it.
    pub(crate) error: Option<Value>,
}

/// What is sent to a callback.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sent {
    Success(Option<String>),
    Failure { error_type: Option<String>, message: Option<String> },
    Heartbeat,
}

/// An execution on some stage.
pub(crate) trait OnStage {
    /// Its ARN.
    fn arn(&self) -> String;

    /// Waits until it has ended.
    async fn end(&mut self) -> Result<(), Failure>;

    /// Lets time pass for it.
    async fn pass(&mut self, duration: Duration) -> Result<(), Failure>;

    /// Its history so far.
    async fn history(&mut self) -> Result<Vec<Value>, Failure>;

    /// Sends something to one of its callbacks.
    async fn send(&mut self, callback_id: &str, sent: Sent) -> Result<(), Failure>;

    /// How it stands.
    async fn standing(&mut self) -> Result<Standing, Failure>;

    /// What was logged for it so far.
    async fn logs(&mut self) -> Result<Vec<LogRecord>, Failure>;
}
