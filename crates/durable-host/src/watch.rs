//! Streams the history of executions.

use durable_service::{Event as Recorded, History};
use durable_types::DurableExecutionArn;
use durable_types::history::Event;
use tokio::sync::watch;

use crate::error::{ExecutionLost, RecordError};
use crate::history::WINDOW;
use crate::host::Host;
use crate::progress::{ExecutionState, Progress};
use crate::record::parse;

/// A stream of an execution's history events.
///
/// It yields only events that are durably recorded. Watching does not slow the execution down.
pub struct ExecutionWatch {
    host: Host,
    execution_id: String,
    progress: Option<watch::Receiver<Progress>>,
    history: History,
    sequence: u64,
}

impl Host {
    /// Watches the history of an execution from its beginning.
    pub async fn watch(&self, arn: &DurableExecutionArn) -> Result<ExecutionWatch, ExecutionLost> {
        let progress = self.progress(arn);
        if self.row(arn).await?.is_none() {
            return Err(ExecutionLost::Unknown(arn.clone()));
        }
        Ok(ExecutionWatch {
            host: self.clone(),
            execution_id: arn.execution_id().to_owned(),
            progress,
            history: History::default(),
            sequence: 0,
        })
    }
}

impl ExecutionWatch {
    /// Returns the next events, at least one. Returns `None` once all events were returned and the execution has ended
    /// or does not run in this service.
    ///
    /// # Errors
    /// Returns an error if the execution cannot continue in this service. All recorded events were returned before.
    pub async fn next(&mut self) -> Result<Option<Vec<Event>>, ExecutionLost> {
        loop {
            // Read before the events, so that no event between the two reads is missed.
            let state = self.state();
            let events = self.read().await?;
            if !events.is_empty() {
                return Ok(Some(events));
            }
            match (state, &mut self.progress) {
                (Some(ExecutionState::Failed(failure)), _) => return Err(failure.into()),
                // If the sender was dropped, the next iteration reads the remaining events.
                (Some(ExecutionState::Open), Some(progress)) => drop(progress.changed().await),
                (Some(ExecutionState::Open | ExecutionState::Closed(_) | ExecutionState::Gone) | None, _) => {
                    return Ok(None);
                }
            }
        }
    }

    /// Returns the state of the execution, or `None` if it does not run in this service.
    fn state(&mut self) -> Option<ExecutionState> {
        let progress = self.progress.as_mut()?;
        let is_alive = progress.has_changed().is_ok();
        let state = progress.borrow_and_update().state.clone();
        (is_alive || !matches!(state, ExecutionState::Open)).then_some(state)
    }

    /// Reads the next recorded events that appear in the history, if any.
    async fn read(&mut self) -> Result<Vec<Event>, ExecutionLost> {
        let mut shown = Vec::new();
        while shown.is_empty() {
            let recorded = self.read_window().await?;
            if recorded.is_empty() {
                break;
            }
            shown.extend(recorded.iter().filter_map(|event| self.history.apply(event)));
        }
        Ok(shown)
    }

    async fn read_window(&mut self) -> Result<Vec<Recorded>, ExecutionLost> {
        let texts = self.host.store().events(&self.execution_id, self.sequence, WINDOW).await;
        let texts = texts.map_err(RecordError::from)?;
        let events = parse(texts, &self.execution_id, self.sequence).await?;
        self.sequence = self.sequence.saturating_add(u64::try_from(events.len()).unwrap_or(u64::MAX));
        Ok(events)
    }
}
