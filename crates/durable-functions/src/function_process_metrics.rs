//! The metrics of the processes of one function.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

use super::exit_reason::ExitReason;

/// The metrics of the processes of one function, whose labels are resolved once.
#[derive(Clone, Debug)]
pub(super) struct FunctionProcessMetrics {
    pub(super) started: Counter,
    pub(super) running: Gauge,
    pub(super) exited: Exits,
    pub(super) start_duration: Histogram,
    pub(super) lines: Counter,
    pub(super) dropped_lines: Counter,
}

/// The processes that exited, by reason.
#[derive(Clone, Debug)]
pub(super) struct Exits {
    pub(super) exited: Counter,
    pub(super) failed: Counter,
    pub(super) not_started: Counter,
    pub(super) idle: Counter,
    pub(super) evicted: Counter,
    pub(super) removed: Counter,
    pub(super) timed_out: Counter,
    pub(super) abandoned: Counter,
    pub(super) shutdown: Counter,
}

impl FunctionProcessMetrics {
    /// Counts a process that starts.
    pub(super) fn handle_started(&self) {
        self.started.inc();
        self.running.inc();
    }

    /// Measures the time that a process took to start.
    pub(super) fn handle_ready(&self, start_duration: Duration) {
        self.start_duration.observe(start_duration.as_secs_f64());
    }

    /// Counts a process that exited.
    pub(super) fn handle_exited(&self, reason: ExitReason) {
        self.running.dec();
        let counter = match reason {
            ExitReason::Exited => &self.exited.exited,
            ExitReason::Failed => &self.exited.failed,
            ExitReason::NotStarted => &self.exited.not_started,
            ExitReason::Idle => &self.exited.idle,
            ExitReason::Evicted => &self.exited.evicted,
            ExitReason::Removed => &self.exited.removed,
            ExitReason::TimedOut => &self.exited.timed_out,
            ExitReason::Abandoned => &self.exited.abandoned,
            ExitReason::Shutdown => &self.exited.shutdown,
        };
        counter.inc();
    }

    /// Counts a line that a process printed.
    pub(super) fn handle_line(&self) {
        self.lines.inc();
    }

    /// Counts lines that were dropped.
    pub(super) fn handle_dropped_lines(&self, count: u64) {
        self.dropped_lines.inc_by(count);
    }
}
