//! Pages of an execution's history, in either direction.

use std::fmt;
use std::str::FromStr;

use durable_service::{Event as Recorded, History};
use durable_types::DurableExecutionArn;
use durable_types::history::Event;
use thiserror::Error;

use crate::error::RecordError;
use crate::host::Host;
use crate::record::parse;

/// The number of recorded events read at once. About two thirds of them appear in the history.
pub(crate) const WINDOW: u64 = 250;

/// A position between two events of a history. Its text form is the marker of a page.
///
/// It counts both the history events and the recorded events that precede it, so that the cost of a page does not
/// depend on where the page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryPosition {
    shown: u64,
    recorded: u64,
}

/// A page of a history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryPage {
    /// The events of the page.
    pub events: Vec<Event>,
    /// The position at which the next page begins, if there are more events.
    pub next: Option<HistoryPosition>,
}

impl Host {
    /// Returns at most `items` events after a position, the oldest first, or `None` if there is no such execution.
    pub async fn history_after(
        &self,
        arn: &DurableExecutionArn,
        position: Option<HistoryPosition>,
        items: usize,
    ) -> Result<Option<HistoryPage>, RecordError> {
        let Some(reader) = self.history_reader(arn).await? else { return Ok(None) };
        let mut position = position.unwrap_or_default();
        let mut events = Vec::new();
        loop {
            let window = reader.window(position.recorded, WINDOW).await?;
            if window.is_empty() && !reader.still_exists().await? {
                return Ok(None);
            }
            if window.is_empty() {
                return Ok(Some(HistoryPage { events, next: None }));
            }
            for recorded in &window {
                let mut history = History::after(position.shown);
                let shown = history.apply(recorded);
                if shown.is_some() && events.len() >= items {
                    return Ok(Some(HistoryPage { events, next: Some(position) }));
                }
                events.extend(shown);
                position.shown = history.last_event_id();
                position.recorded = position.recorded.saturating_add(1);
            }
        }
    }

    /// Returns at most `items` events before a position, the newest first, or `None` if there is no such execution.
    pub async fn history_before(
        &self,
        arn: &DurableExecutionArn,
        position: Option<HistoryPosition>,
        items: usize,
    ) -> Result<Option<HistoryPage>, RecordError> {
        let Some(reader) = self.history_reader(arn).await? else { return Ok(None) };
        let mut position = match position {
            Some(position) => position,
            None => reader.end().await?,
        };
        let mut events = Vec::new();
        while position.shown > 0 && position.recorded > 0 {
            let before = position.recorded.saturating_sub(WINDOW);
            let window = reader.window(before, position.recorded.saturating_sub(before)).await?;
            if window.is_empty() {
                // Fewer events are recorded than the position counts, so the marker is not one of ours.
                break;
            }
            for recorded in window.iter().rev() {
                let is_shown = History::includes(recorded);
                if is_shown && events.len() >= items {
                    return Ok(Some(HistoryPage { events, next: Some(position) }));
                }
                if is_shown {
                    position.shown = position.shown.saturating_sub(1);
                    events.extend(History::after(position.shown).apply(recorded));
                }
                position.recorded = position.recorded.saturating_sub(1);
            }
        }
        let page = HistoryPage { events, next: None };
        Ok(reader.still_exists().await?.then_some(page))
    }

    async fn history_reader(
        &self,
        arn: &DurableExecutionArn,
    ) -> Result<Option<HistoryReader<'_>>, RecordError> {
        let row = self.row(arn).await?;
        Ok(row.map(|row| HistoryReader { host: self, execution_id: row.execution_id }))
    }
}

/// Reads the recorded events of one execution.
struct HistoryReader<'a> {
    host: &'a Host,
    execution_id: String,
}

impl HistoryReader<'_> {
    async fn window(&self, after: u64, limit: u64) -> Result<Vec<Recorded>, RecordError> {
        let texts = self.host.store().events(&self.execution_id, after, limit).await?;
        parse(texts, &self.execution_id, after).await
    }

    /// Returns whether the execution still exists, that is, was not deleted meanwhile.
    async fn still_exists(&self) -> Result<bool, RecordError> {
        Ok(self.host.store().execution(&self.execution_id).await?.is_some())
    }

    /// Returns the position after the last recorded event.
    async fn end(&self) -> Result<HistoryPosition, RecordError> {
        let mut position = HistoryPosition::default();
        loop {
            let window = self.window(position.recorded, WINDOW).await?;
            if window.is_empty() {
                return Ok(position);
            }
            for recorded in &window {
                position.shown = position.shown.saturating_add(u64::from(History::includes(recorded)));
                position.recorded = position.recorded.saturating_add(1);
            }
        }
    }
}

impl fmt::Display for HistoryPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.shown, self.recorded)
    }
}

/// The error for text that is not a history marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the marker is not a position in a history")]
pub struct InvalidMarker;

impl FromStr for HistoryPosition {
    type Err = InvalidMarker;

    fn from_str(text: &str) -> Result<Self, InvalidMarker> {
        let (shown, recorded) = text.split_once(':').ok_or(InvalidMarker)?;
        let shown = shown.parse().map_err(|_| InvalidMarker)?;
        let recorded = recorded.parse().map_err(|_| InvalidMarker)?;
        Ok(Self { shown, recorded })
    }
}
