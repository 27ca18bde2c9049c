//! Pages of the history of an execution, from either end.

use std::fmt;
use std::str::FromStr;

use durable_service::{Event as Recorded, History};
use durable_types::DurableExecutionArn;
use durable_types::history::Event;

use super::state::Service;
use crate::host::{RecordError, parse};

/// Recorded events that are read at once. The history mentions about two of three.
const WINDOW: u64 = 1_000;

/// A place between two events of a history: after so many of those told, and after so many of those recorded.
///
/// It is what a marker says, so that a page costs the same wherever it begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    told: u64,
    recorded: u64,
}

/// A part of a history.
pub(crate) struct HistoryPage {
    /// Its events.
    pub(crate) events: Vec<Event>,
    /// Where the next page begins, if there is more.
    pub(crate) next: Option<Place>,
}

impl Service {
    /// At most `items` events after a place, the oldest first. None: there is no such execution.
    pub(crate) async fn history_after(
        &self,
        arn: &DurableExecutionArn,
        place: Option<Place>,
        items: usize,
    ) -> Result<Option<HistoryPage>, RecordError> {
        let Some(reader) = self.history_reader(arn).await? else { return Ok(None) };
        let mut place = place.unwrap_or_default();
        let mut events = Vec::new();
        loop {
            let window = reader.window(place.recorded, WINDOW).await?;
            if window.is_empty() && !reader.is_there().await? {
                return Ok(None);
            }
            if window.is_empty() {
                return Ok(Some(HistoryPage { events, next: None }));
            }
            for recorded in &window {
                let mut history = History::after(place.told);
                let told = history.apply(recorded);
                if told.is_some() && events.len() >= items {
                    return Ok(Some(HistoryPage { events, next: Some(place) }));
                }
                events.extend(told);
                place.told = history.last_event_id();
                place.recorded = place.recorded.saturating_add(1);
            }
        }
    }

    /// At most `items` events before a place, the newest first. None: there is no such execution.
    pub(crate) async fn history_before(
        &self,
        arn: &DurableExecutionArn,
        place: Option<Place>,
        items: usize,
    ) -> Result<Option<HistoryPage>, RecordError> {
        let Some(reader) = self.history_reader(arn).await? else { return Ok(None) };
        let mut place = match place {
            Some(place) => place,
            None => reader.end().await?,
        };
        let mut events = Vec::new();
        while place.told > 0 && place.recorded > 0 {
            let before = place.recorded.saturating_sub(WINDOW);
            let window = reader.window(before, place.recorded.saturating_sub(before)).await?;
            if window.is_empty() {
                // Less is recorded than the place says, which only an invented marker can.
                break;
            }
            for recorded in window.iter().rev() {
                let is_told = History::tells(recorded);
                if is_told && events.len() >= items {
                    return Ok(Some(HistoryPage { events, next: Some(place) }));
                }
                if is_told {
                    place.told = place.told.saturating_sub(1);
                    events.extend(History::after(place.told).apply(recorded));
                }
                place.recorded = place.recorded.saturating_sub(1);
            }
        }
        let page = HistoryPage { events, next: None };
        Ok(reader.is_there().await?.then_some(page))
    }

    async fn history_reader(
        &self,
        arn: &DurableExecutionArn,
    ) -> Result<Option<HistoryReader<'_>>, RecordError> {
        let row = self.store.execution_by_arn(arn.as_str()).await?;
        Ok(row.map(|row| HistoryReader { service: self, execution_id: row.execution_id }))
    }
}

/// Reads what is recorded of one execution.
struct HistoryReader<'a> {
    service: &'a Service,
    execution_id: String,
}

impl HistoryReader<'_> {
    async fn window(&self, after: u64, limit: u64) -> Result<Vec<Recorded>, RecordError> {
        let texts = self.service.store.events_page(&self.execution_id, after, limit).await?;
        parse(&texts, &self.execution_id, after)
    }

    /// Whether the execution was not deleted meanwhile.
    async fn is_there(&self) -> Result<bool, RecordError> {
        Ok(self.service.store.execution(&self.execution_id).await?.is_some())
    }

    /// The place after everything that is recorded.
    async fn end(&self) -> Result<Place, RecordError> {
        let mut place = Place::default();
        loop {
            let window = self.window(place.recorded, WINDOW).await?;
            if window.is_empty() {
                return Ok(place);
            }
            for recorded in &window {
                place.told = place.told.saturating_add(u64::from(History::tells(recorded)));
                place.recorded = place.recorded.saturating_add(1);
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.told, self.recorded)
    }
}

/// A text that is not a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidMarker;

impl FromStr for Place {
    type Err = InvalidMarker;

    fn from_str(text: &str) -> Result<Self, InvalidMarker> {
        let (told, recorded) = text.split_once(':').ok_or(InvalidMarker)?;
        let told = told.parse().map_err(|_| InvalidMarker)?;
        let recorded = recorded.parse().map_err(|_| InvalidMarker)?;
        Ok(Self { told, recorded })
    }
}
