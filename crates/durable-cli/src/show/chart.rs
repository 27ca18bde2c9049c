//! Draws the timeline of an execution: one line per operation, with a bar scaled to time.

use std::time::Duration;

use durable_timeline::text::{Mark, duration, indent};
use durable_timeline::{Activity, InvocationSpan, OperationSpan, Segment, Timeline};
use durable_types::Timestamp;

use super::notes;
use super::rows::{Row, rows};
use crate::style::{Style, Tint};

/// The width of a duration in columns.
const TIME_COLUMNS: usize = 8;
/// The minimum and maximum width of labels in columns.
const LABEL_COLUMNS: std::ops::RangeInclusive<usize> = 16..=36;

/// Draws a timeline.
pub(super) struct Chart<'a> {
    timeline: &'a Timeline,
    style: Style,
    is_complete: bool,
    label_columns: usize,
    bar_columns: usize,
    start: Timestamp,
    end: Timestamp,
}

/// A period of time in a bar.
#[derive(Clone, Copy)]
struct Block {
    activity: Activity,
    start: Timestamp,
    end: Option<Timestamp>,
}

impl<'a> Chart<'a> {
    /// Creates a chart, which ends at `now` if the execution has not ended.
    pub(super) fn new(timeline: &'a Timeline, style: Style, is_complete: bool, now: Timestamp) -> Self {
        let execution = timeline.execution();
        let start = execution.start.unwrap_or(now);
        let end = execution.end.max(timeline.last_change().filter(|_| execution.has_ended()));
        let end = end.unwrap_or(now).max(start);
        let longest = widest(timeline).clamp(*LABEL_COLUMNS.start(), *LABEL_COLUMNS.end());
        // Label and bar are separated by a space, the duration and two spaces.
        let beside = longest.saturating_add(TIME_COLUMNS).saturating_add(3);
        let bar_columns = style.width.saturating_sub(beside).max(10);
        Self { timeline, style, is_complete, label_columns: longest, bar_columns, start, end }
    }

    /// Returns the lines of the chart.
    pub(super) fn draw(&self) -> Vec<String> {
        let mut lines = vec![self.scale()];
        lines.extend(self.invocations(self.timeline.invocations()));
        for row in rows(self.timeline, self.is_complete) {
            match row {
                Row::Operation { depth, operation } => self.draw_operation(operation, depth, &mut lines),
                Row::More { depth, count, failed } => lines.push(more(depth, count, failed)),
            }
        }
        lines
    }

    /// Returns the line of the invocations, unless there are none.
    fn invocations(&self, invocations: &[InvocationSpan]) -> Option<String> {
        let label = match invocations.len() {
            0 => return None,
            1 => "1 invocation".to_owned(),
            count => format!("{count} invocations"),
        };
        let blocks: Vec<_> = invocations.iter().map(Block::from).collect();
        let busy = invocations.iter().map(|it| it.end.saturating_since(it.start)).sum();
        Some(self.line(&label, ('·', Tint::Faint), 0, Some(busy), &blocks))
    }

    fn draw_operation(&self, operation: &OperationSpan, depth: usize, lines: &mut Vec<String>) {
        let blocks: Vec<_> = operation.segments().iter().map(Block::from).collect();
        let lifetime =
            blocks.first().map(|first| operation.end.unwrap_or(self.end).saturating_since(first.start));
        // Markers take no time.
        let lifetime = lifetime.filter(|_| !operation.kind.is_marker());
        let tries = match operation.attempt_count() {
            0 | 1 => String::new(),
            count => format!(" ×{count}"),
        };
        let room = self.room(depth).saturating_sub(tries.chars().count());
        let label = format!("{}{tries}", cut(&operation.label().to_string(), room));
        let blocks = if operation.kind.is_marker() { &[] } else { &blocks[..] };
        lines.push(self.line(&label, self.mark(operation), depth, lifetime, blocks));
        let indent = indent(depth).saturating_add(2);
        let room = self.style.width.saturating_sub(indent.saturating_add(2));
        let tint = if operation.is_failed() { Tint::Bad } else { Tint::Faint };
        let notes = notes::notes(operation);
        let notes = notes.iter().map(|note| cut(note, room));
        let notes = notes::callback_id(operation, self.timeline).into_iter().chain(notes);
        lines.extend(
            notes.map(|note| format!("{:indent$}{}", "", self.style.paint(tint, &format!("└ {note}")))),
        );
    }

    fn mark(&self, operation: &OperationSpan) -> (char, Tint) {
        let mark = Mark::of(operation);
        let tint = match mark {
            Mark::Done => Tint::Good,
            Mark::Failed => Tint::Bad,
            Mark::Waiting if !self.timeline.is_abandoned(operation) => Tint::Waiting,
            Mark::Running => Tint::Plain,
            _ => Tint::Faint,
        };
        (mark.symbol(), tint)
    }

    /// Returns the first line, with the start and the end.
    fn scale(&self) -> String {
        let (left, right) = ("0", duration(self.end.saturating_since(self.start)));
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
        blocks: &[Block],
    ) -> String {
        let indent = indent(depth);
        let room = self.room(depth);
        let mark = self.style.paint(tint, &mark.to_string());
        let length = length.map(duration).unwrap_or_default();
        let bar = self.bar(blocks);
        let line = format!("{:indent$}{mark} {label:room$} {length:>TIME_COLUMNS$}  {bar}", "");
        line.trim_end().to_owned()
    }

    /// Returns the width of the labels in columns.
    fn room(&self, depth: usize) -> usize {
        self.label_columns.saturating_sub(indent(depth).saturating_add(2)).max(8)
    }

    /// Draws the blocks, each at least one column wide.
    fn bar(&self, blocks: &[Block]) -> String {
        let mut cells = vec![None; self.bar_columns];
        for block in blocks {
            let from = self.column(block.start).min(self.bar_columns.saturating_sub(1));
            let to = self.column(block.end.unwrap_or(self.end)).max(from.saturating_add(1));
            for cell in cells.iter_mut().take(to).skip(from) {
                // A wait does not hide running code in the same column.
                if *cell != Some(Activity::Failed) && (cell.is_none() || block.activity != Activity::Waiting)
                {
                    *cell = Some(block.activity);
                }
            }
        }
        let mut text = String::new();
        for run in cells.chunk_by(|left, right| left == right) {
            let (block, tint) = match run.first().copied().flatten() {
                Some(Activity::Running) => ("█", Tint::Good),
                Some(Activity::Failed) => ("▒", Tint::Bad),
                Some(Activity::Waiting) => ("·", Tint::Waiting),
                Some(Activity::Children) => ("─", Tint::Faint),
                None | Some(_) => (" ", Tint::Plain),
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
}

impl From<&Segment> for Block {
    fn from(segment: &Segment) -> Self {
        Self { activity: segment.activity, start: segment.start, end: segment.end }
    }
}

impl From<&InvocationSpan> for Block {
    fn from(invocation: &InvocationSpan) -> Self {
        let activity = if invocation.is_failed { Activity::Failed } else { Activity::Running };
        Self { activity, start: invocation.start, end: Some(invocation.end) }
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

fn more(depth: usize, count: usize, failed: usize) -> String {
    let failed = if failed > 0 { format!(", {failed} of them failed") } else { String::new() };
    let indent = indent(depth);
    format!("{:indent$}  and {count} more{failed}; --all shows them", "")
}

/// Returns the width of the longest label in columns, with its indent and mark.
fn widest(timeline: &Timeline) -> usize {
    let shown = timeline.walk().filter(|(_, operation)| !operation.kind.is_internal());
    let widths = shown.map(|(depth, operation)| {
        operation.label().to_string().chars().count().saturating_add(indent(depth)).saturating_add(5)
    });
    widths.max().unwrap_or_default()
}
