//! Shows running and waiting operations as lines that are redrawn.

use std::collections::HashMap;

use durable_timeline::text::{Mark, indent};
use durable_types::{SmallString, Timestamp};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::entry::{Activity, Entry};
use crate::visible::visible;

/// The maximum number of redrawn lines, which fit a small terminal. Further operations are shown when they end.
const MAX_LINES: usize = 12;

/// Permanent lines above, and one redrawn line for each active operation below.
pub(crate) struct Terminal {
    lines: MultiProgress,
    active: HashMap<SmallString, ActiveLine>,
}

struct ActiveLine {
    bar: ProgressBar,
    label: String,
    until: Option<Timestamp>,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        Self { lines: MultiProgress::new(), active: HashMap::new() }
    }

    pub(crate) fn print(&self, text: &str) {
        // A closed terminal is not an error.
        let _ = self.lines.println(visible(text));
    }

    pub(crate) fn show(&mut self, entry: Entry, now: Timestamp) {
        // Operations that wait have a redrawn line.
        if let Some(line) = entry.line.filter(|line| line.mark != Mark::Waiting) {
            self.print(&line.to_string());
        }
        match entry.activity {
            Activity::None => {}
            Activity::Running { id, depth, label, until } => {
                let label = format!("{:indent$}{label}", "", indent = indent(depth));
                self.run(id, label, until, now);
            }
            Activity::Over { id } => self.end(&id),
        }
    }

    /// Returns whether there are redrawn lines.
    pub(crate) fn is_active(&self) -> bool {
        !self.active.is_empty()
    }

    pub(crate) fn redraw(&self, now: Timestamp) {
        for line in self.active.values() {
            line.draw(now);
            line.bar.tick();
        }
    }

    pub(crate) fn clear(&mut self) {
        self.active.clear();
        let _ = self.lines.clear();
    }

    fn run(&mut self, id: SmallString, label: String, until: Option<Timestamp>, now: Timestamp) {
        if let Some(line) = self.active.get_mut(&id) {
            (line.label, line.until) = (label, until);
            return line.draw(now);
        }
        if self.active.len() >= MAX_LINES {
            return;
        }
        let bar = self.lines.add(ProgressBar::new_spinner().with_style(style()));
        let line = ActiveLine { bar, label, until };
        line.draw(now);
        self.active.insert(id, line);
    }

    fn end(&mut self, id: &str) {
        if let Some(line) = self.active.remove(id) {
            line.bar.finish_and_clear();
            self.lines.remove(&line.bar);
        }
    }
}

impl ActiveLine {
    fn draw(&self, now: Timestamp) {
        let message: String = match self.until {
            Some(until) => {
                let seconds = until.saturating_since(now).as_millis().div_ceil(1_000);
                format!("{}, {seconds} s left", self.label)
            }
            None => self.label.clone(),
        };
        let message = visible(&message);
        if self.bar.message() != message {
            self.bar.set_message(message.into_owned());
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner())
}
