//! Draws the timeline of an execution: one line per operation, with a bar scaled to time.

use std::time::Duration;

use durable_types::{SmallString, Timestamp};

use super::timeline::{Phase, Row, Span, Timeline};
use crate::display::Mark;
use crate::style::{Style, Tint};
use crate::time_format;

/// The width of a duration in columns.
const TIME_COLUMNS: usize = 8;
/// The minimum and maximum width of labels in columns.
const LABEL_COLUMNS: std::ops::RangeInclusive<usize> = 16..=36;
/// The number of operations shown per parent without `--all`.
const MAX_CHILDREN: usize = 20;

/// Draws a timeline.
pub(super) struct Chart<'a> {
    timeline: &'a Timeline,
    style: Style,
    all: bool,
    label_columns: usize,
    bar_columns: usize,
    start: Timestamp,
    end: Timestamp,
}

impl<'a> Chart<'a> {
    /// Creates a chart, which ends at `now` if the execution has not ended.
    pub(super) fn new(timeline: &'a Timeline, style: Style, all: bool, now: Timestamp) -> Self {
        let start = timeline.start.unwrap_or(now);
        let end =
            timeline.end.max(timeline.last.filter(|_| timeline.end.is_some())).unwrap_or(now).max(start);
        let mut chart = Self { timeline, style, all, label_columns: 0, bar_columns: 0, start, end };
        let longest =
            chart.widest(&timeline.outermost, 0).clamp(*LABEL_COLUMNS.start(), *LABEL_COLUMNS.end());
        chart.label_columns = longest;
        // Label and bar are separated by a space, the duration and two spaces.
        chart.bar_columns =
            style.width.saturating_sub(longest.saturating_add(TIME_COLUMNS).saturating_add(3)).max(10);
        chart
    }

    /// Returns the lines of the chart.
    pub(super) fn draw(&self) -> Vec<String> {
        let mut lines = vec![self.scale()];
        if !self.timeline.invocations.is_empty() {
            let count = self.timeline.invocations.len();
            let label = if count == 1 { "1 invocation".to_owned() } else { format!("{count} invocations") };
            let busy = self.timeline.invocations.iter().map(|span| self.length(span)).sum();
            lines.push(self.line(&label, ('·', Tint::Faint), 0, Some(busy), &self.timeline.invocations));
        }
        self.draw_all(&self.timeline.outermost, 0, &mut lines);
        lines
    }

    fn draw_all(&self, ids: &[SmallString], depth: usize, lines: &mut Vec<String>) {
        let shown = if self.all { ids.len() } else { MAX_CHILDREN };
        for row in ids.iter().take(shown).filter_map(|id| self.timeline.rows.get(id)) {
            self.draw_row(row, depth, lines);
        }
        let rest = ids.iter().skip(shown).filter_map(|id| self.timeline.rows.get(id));
        let (count, failed) = rest.fold((0_usize, 0_usize), |(count, failed), row| {
            (count.saturating_add(1), failed.saturating_add((row.mark == Mark::Failed).into()))
        });
        if count > 0 {
            let failed = if failed > 0 { format!(", {failed} of them failed") } else { String::new() };
            let indent = depth.saturating_mul(2);
            lines.push(format!("{:indent$}  and {count} more{failed}; --all shows them", ""));
        }
    }

    fn draw_row(&self, row: &Row, depth: usize, lines: &mut Vec<String>) {
        let (mark, tint) = match (row.mark, row.spans.last().map(|span| span.phase)) {
            (Mark::Done, _) => ('✓', Tint::Good),
            (Mark::Failed, _) => ('✗', Tint::Bad),
            (Mark::Begun | Mark::Opened | Mark::Note, Some(Phase::Waiting)) => ('…', Tint::Waiting),
            (Mark::Begun | Mark::Opened | Mark::Note, _) => ('▸', Tint::Plain),
        };
        let length = row.lifetime().map(|(start, end)| end.unwrap_or(self.end).saturating_since(start));
        let tries = if row.attempts > 1 { format!(" ×{}", row.attempts) } else { String::new() };
        let room = self.room(depth).saturating_sub(tries.chars().count());
        let label = format!("{}{tries}", cut(&row.label, room));
        lines.push(self.line(&label, (mark, tint), depth, length, &row.spans));
        let indent = depth.saturating_mul(2).saturating_add(2);
        // The id is shown while the callback can be answered.
        let is_awaited = row.mark == Mark::Begun && self.timeline.end.is_none();
        if let Some(id) = row.callback_id.as_ref().filter(|_| is_awaited) {
            lines.push(format!(
                "{:indent$}{}",
                "",
                self.style.paint(Tint::Faint, &format!("└ callback id {id}"))
            ));
        }
        for note in &row.notes {
            let text = cut(note, self.style.width.saturating_sub(indent.saturating_add(2)));
            let tint = if row.mark == Mark::Failed { Tint::Bad } else { Tint::Faint };
            lines.push(format!("{:indent$}{}", "", self.style.paint(tint, &format!("└ {text}"))));
        }
        self.draw_all(&row.inside, depth.saturating_add(1), lines);
    }

    /// Returns the first line, with the start and the end.
    fn scale(&self) -> String {
        let (left, right) = ("0", time_format::span(self.end.saturating_since(self.start)));
        let indent = self.label_columns.saturating_add(TIME_COLUMNS).saturating_add(3);
        let gap = self.bar_columns.saturating_sub(left.len().saturating_add(right.len()));
        let line = format!("{:indent$}{left}{:gap$}{right}", "", "");
        self.style.paint(Tint::Faint, &line)
    }

    fn line(
        &self,
        label: &str,
        (mark, tint): (char, Tint),
        depth: usize,
        length: Option<Duration>,
        spans: &[Span],
    ) -> String {
        let indent = depth.saturating_mul(2);
        let room = self.room(depth);
        let mark = self.style.paint(tint, &mark.to_string());
        let length = length.map(time_format::span).unwrap_or_default();
        let bar = self.bar(spans);
        let line = format!("{:indent$}{mark} {label:room$} {length:>TIME_COLUMNS$}  {bar}", "");
        line.trim_end().to_owned()
    }

    /// Returns the width of the labels in columns.
    fn room(&self, depth: usize) -> usize {
        self.label_columns.saturating_sub(depth.saturating_mul(2).saturating_add(2)).max(8)
    }

    /// Draws the spans as blocks, each at least one column wide.
    fn bar(&self, spans: &[Span]) -> String {
        let mut cells = vec![None; self.bar_columns];
        for span in spans {
            let from = self.column(span.start).min(self.bar_columns.saturating_sub(1));
            let to = self.column(span.end.unwrap_or(self.end)).max(from.saturating_add(1));
            for cell in cells.iter_mut().take(to).skip(from) {
                // A wait does not hide running code in the same column.
                if *cell != Some(Phase::Failed) && (cell.is_none() || span.phase != Phase::Waiting) {
                    *cell = Some(span.phase);
                }
            }
        }
        let mut text = String::new();
        for run in cells.chunk_by(|left, right| left == right) {
            let (block, tint) = match run.first().copied().flatten() {
                None => (" ", Tint::Plain),
                Some(Phase::Running) => ("█", Tint::Good),
                Some(Phase::Failed) => ("▒", Tint::Bad),
                Some(Phase::Waiting) => ("·", Tint::Waiting),
                Some(Phase::Around) => ("─", Tint::Faint),
            };
            text.push_str(&self.style.paint(tint, &block.repeat(run.len())));
        }
        text
    }

    /// Returns the column of a timestamp.
    fn column(&self, at: Timestamp) -> usize {
        let (total, since) = (self.end.saturating_since(self.start), at.saturating_since(self.start));
        let columns = u128::try_from(self.bar_columns).unwrap_or_default();
        let column =
            since.as_micros().saturating_mul(columns).checked_div(total.as_micros()).unwrap_or_default();
        usize::try_from(column).unwrap_or(self.bar_columns).min(self.bar_columns)
    }

    fn length(&self, span: &Span) -> Duration {
        span.end.unwrap_or(self.end).saturating_since(span.start)
    }

    /// Returns the width of the longest label in columns, with its indent and mark.
    fn widest(&self, ids: &[SmallString], depth: usize) -> usize {
        let rows = ids.iter().filter_map(|id| self.timeline.rows.get(id));
        let widths = rows.map(|row| {
            let own = row.label.chars().count().saturating_add(depth.saturating_mul(2)).saturating_add(5);
            own.max(self.widest(&row.inside, depth.saturating_add(1)))
        });
        widths.max().unwrap_or_default()
    }
}

/// Cuts the text to a number of characters.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(columns.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
