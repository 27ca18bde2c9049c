//! Follows executions event by event.

use durable_service::{Event as Recorded, History};
use durable_types::DurableExecutionArn;
use durable_types::history::Event;
use tokio::sync::watch;

use crate::error::{ExecutionLost, RecordError};
use crate::history::WINDOW;
use crate::host::Host;
use crate::progress::{Progress, Standing};
use crate::record::parse;

/// Follows the history of an execution while it grows.
///
/// Only what is on disk is shown. Whoever watches does not slow the execution down.
pub struct ExecutionWatch {
    host: Host,
    execution_id: String,
    progress: Option<watch::Receiver<Progress>>,
    history: History,
    sequence: u64,
}

impl Host {
    /// Follows the history of an execution from its beginning.
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
    /// The events that followed, at least one. None: the execution has ended or does not go on here, and all events
    /// were given.
    ///
    /// # Errors
    /// When the execution cannot go on in this service; all events that are on disk were given then.
    pub async fn next(&mut self) -> Result<Option<Vec<Event>>, ExecutionLost> {
        loop {
            // Looked at before reading, so that nothing falls between.
            let standing = self.standing();
            let events = self.read().await?;
            if !events.is_empty() {
                return Ok(Some(events));
            }
            match (standing, &mut self.progress) {
                (Some(Standing::Failed(failure)), _) => return Err(failure.into()),
                // Once the sender is gone, the next round reads what is left.
                (Some(Standing::Open), Some(progress)) => drop(progress.changed().await),
                (Some(Standing::Open | Standing::Closed(_) | Standing::Gone) | None, _) => return Ok(None),
            }
        }
    }

    /// How the execution stands; none if it does not go on here.
    fn standing(&mut self) -> Option<Standing> {
        let progress = self.progress.as_mut()?;
        let is_alive = progress.has_changed().is_ok();
        let standing = progress.borrow_and_update().standing.clone();
        (is_alive || !matches!(standing, Standing::Open)).then_some(standing)
    }

    /// Reads the next events that the history shows, if any are recorded.
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
