//! Pages of an execution's history, in either direction.

use std::fmt;
use std::str::FromStr;

use durable_service::{Event as Recorded, History};
use durable_types::DurableExecutionArn;
use durable_types::history::Event;
use thiserror::Error;

use crate::error::RecordError;
use crate::host::Host;
use crate::record::parse_and;

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
        let mut page = PageInProgress::new(position.unwrap_or_default(), items);
        while !page.is_full {
            let window = reader.window(page.position.recorded, WINDOW).await?;
            if window.texts.is_empty() {
                return Ok(reader.still_exists().await?.then(|| page.finish()));
            }
            page = window.fold(move |events| page.extend_forwards(&events)).await?;
        }
        Ok(Some(page.finish()))
    }

    /// Returns at most `items` events before a position, the newest first, or `None` if there is no such execution.
    pub async fn history_before(
        &self,
        arn: &DurableExecutionArn,
        position: Option<HistoryPosition>,
        items: usize,
    ) -> Result<Option<HistoryPage>, RecordError> {
        let Some(reader) = self.history_reader(arn).await? else { return Ok(None) };
        let position = match position {
            Some(position) => position,
            None => reader.end().await?,
        };
        let mut page = PageInProgress::new(position, items);
        while !page.is_full && page.position.shown > 0 && page.position.recorded > 0 {
            let before = page.position.recorded.saturating_sub(WINDOW);
            let window = reader.window(before, page.position.recorded.saturating_sub(before)).await?;
            if window.texts.is_empty() {
                // Fewer events are recorded than the position counts, so the marker is not one of ours.
                break;
            }
            page = window.fold(move |events| page.extend_backwards(&events)).await?;
        }
        let exists = page.is_full || reader.still_exists().await?;
        Ok(exists.then(|| page.finish()))
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
    async fn window(&self, after: u64, limit: u64) -> Result<Window<'_>, RecordError> {
        let texts = self.host.store().events(&self.execution_id, after, limit).await?;
        Ok(Window { texts, execution_id: &self.execution_id, after })
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
            if window.texts.is_empty() {
                return Ok(position);
            }
            position = window.fold(move |events| position.after(&events)).await?;
        }
    }
}

/// Consecutive events of an execution, as text.
struct Window<'a> {
    texts: Vec<String>,
    execution_id: &'a str,
    after: u64,
}

impl Window<'_> {
    /// Parses the events and applies a function to them, both off the runtime's threads if they are long.
    async fn fold<R: Send + 'static>(
        self,
        apply: impl FnOnce(Vec<Recorded>) -> R + Send + 'static,
    ) -> Result<R, RecordError> {
        parse_and(self.texts, self.execution_id, self.after, apply).await
    }
}

/// A page that is filled window by window.
struct PageInProgress {
    events: Vec<Event>,
    items: usize,
    /// The position of the next event to consider, in the direction of the page.
    position: HistoryPosition,
    /// Whether a further event was found that does not fit.
    is_full: bool,
}

impl PageInProgress {
    fn new(position: HistoryPosition, items: usize) -> Self {
        Self { events: Vec::new(), items, position, is_full: false }
    }

    /// Adds the events that follow the position, the oldest first.
    fn extend_forwards(mut self, window: &[Recorded]) -> Self {
        for recorded in window {
            let mut history = History::after(self.position.shown);
            let shown = history.apply(recorded);
            if shown.is_some() && self.events.len() >= self.items {
                self.is_full = true;
                break;
            }
            self.events.extend(shown);
            self.position.shown = history.last_event_id();
            self.position.recorded = self.position.recorded.saturating_add(1);
        }
        self
    }

    /// Adds the events that precede the position, the newest first.
    fn extend_backwards(mut self, window: &[Recorded]) -> Self {
        for recorded in window.iter().rev() {
            let is_shown = History::includes(recorded);
            if is_shown && self.events.len() >= self.items {
                self.is_full = true;
                break;
            }
            if is_shown {
                self.position.shown = self.position.shown.saturating_sub(1);
                self.events.extend(History::after(self.position.shown).apply(recorded));
            }
            self.position.recorded = self.position.recorded.saturating_sub(1);
        }
        self
    }

    fn finish(self) -> HistoryPage {
        HistoryPage { events: self.events, next: self.is_full.then_some(self.position) }
    }
}

impl HistoryPosition {
    /// Returns the position after these events, which follow this position.
    fn after(mut self, window: &[Recorded]) -> Self {
        for recorded in window {
            self.shown = self.shown.saturating_add(u64::from(History::includes(recorded)));
            self.recorded = self.recorded.saturating_add(1);
        }
        self
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
