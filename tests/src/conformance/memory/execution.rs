//! An execution in this process, on a virtual clock.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use durable_testing::{CallbackAnswer, RunningExecution};
use durable_types::ErrorObject;
use serde_json::Value;

use crate::conformance::failure::Failure;
use crate::conformance::logs::{LogRecord, records};
use crate::conformance::stage::{OnStage, Sent, Standing};

/// Longer than any execution may take.
const FOREVER: Duration = Duration::from_hours(24 * 400);

/// An execution in this process.
pub(crate) struct InMemory<'r> {
    pub(crate) execution: RunningExecution<'r>,
    pub(crate) log: Log,
}

/// What handlers log.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl OnStage for InMemory<'_> {
    fn arn(&self) -> String {
        self.execution.arn().to_string()
    }

    async fn end(&mut self) -> Result<(), Failure> {
        self.pass(FOREVER).await?;
        if self.execution.is_closed() { Ok(()) } else { Err(Failure::new("the execution does not end")) }
    }

    async fn pass(&mut self, duration: Duration) -> Result<(), Failure> {
        self.execution
            .run_for(duration)
            .await
            .map_err(|error| Failure::of("the execution does not go on", &error))
    }

    async fn history(&mut self) -> Result<Vec<Value>, Failure> {
        let events = self.execution.history().into_iter().map(serde_json::to_value).collect::<Result<_, _>>();
        events.map_err(|error| Failure::of("the history is no JSON", &error))
    }

    async fn send(&mut self, callback_id: &str, sent: Sent) -> Result<(), Failure> {
        let answer = match sent {
            Sent::Success(payload) => CallbackAnswer::Succeeded(payload),
            Sent::Failure { error_type, message } => {
                let mut error = ErrorObject::default();
                error.error_type = error_type;
                error.error_message = message;
                CallbackAnswer::Failed(Some(error))
            }
            Sent::Heartbeat => CallbackAnswer::Heartbeat,
        };
        let answered = self.execution.answer_callback(callback_id, answer);
        answered.map_err(|error| Failure::of("the callback cannot be answered", &error))
    }

    async fn standing(&mut self) -> Result<Standing, Failure> {
        let error = self.execution.error().map(serde_json::to_value).transpose();
        let error = error.map_err(|error| Failure::of("the error is no JSON", &error))?;
        Ok(Standing { status: self.execution.status().to_string(), result: self.execution.result(), error })
    }

    async fn logs(&mut self) -> Result<Vec<LogRecord>, Failure> {
        let bytes = self.log.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&bytes);
        // Lines are written one after the other, so their place is their time.
        Ok(records((0..).zip(text.lines()), self.execution.arn().as_str()))
    }
}
