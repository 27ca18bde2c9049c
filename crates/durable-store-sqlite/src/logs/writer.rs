//! The thread that writes the log.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use durable_host::logs::LogLine;
use prometheus_client::registry::Registry;
use rusqlite::Connection;

use super::byte_budget::{ByteBudget, Dropped, Reservation};
use super::error::LogError;
use super::file;

/// The budget of bytes of waiting lines. Lines that exceed it are dropped.
const WAITING_BYTES: usize = 4 * 1024 * 1024;
/// The number of lines that are imported in one transaction, so that lines of running functions are not held up.
const IMPORTED_AT_ONCE: usize = 500;

/// A request to the thread.
enum Job {
    Line(WaitingLine),
    /// Write these lines and report the outcome.
    Import(Vec<LogLine>, SyncSender<rusqlite::Result<()>>),
    /// Remove the earlier lines of this execution.
    Forget(String),
    /// Confirm that all earlier lines are in the file.
    Flush(SyncSender<()>),
    /// Close the file after all earlier lines, and confirm it.
    Close(SyncSender<()>),
}

/// A line to be written, and its share of the budget.
struct WaitingLine {
    line: LogLine,
    _reservation: Reservation,
}

/// The handle on the thread.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    budget: Arc<ByteBudget>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, max_bytes: u64) -> Result<Self, LogError> {
        let (jobs, waiting) = channel();
        let budget = Arc::new(ByteBudget::new(WAITING_BYTES));
        let scribe = Scribe { connection, max_bytes, budget: Arc::clone(&budget) };
        let thread = thread::Builder::new()
            .name("durable-logs".to_owned())
            .spawn(move || {
                // Serving consumes the scribe, which closes the file.
                if let Some(done) = scribe.serve(&waiting) {
                    let _ = done.send(());
                }
            })
            .map_err(|error| LogError::Thread(Arc::new(error)))?;
        Ok(Self { jobs: Some(jobs), budget, thread: Some(thread) })
    }

    /// Queues a line. If it exceeds the budget, it is dropped and counted.
    pub(super) fn write(&self, line: LogLine) {
        self.write_for(line, 1);
    }

    /// Queues a line that stands for this many others. If it exceeds the budget, these are counted as dropped.
    pub(super) fn write_for(&self, line: LogLine, stands_for: u64) {
        if let Some((line, _reservation)) = self.budget.reserve(line, stands_for) {
            self.send(Job::Line(WaitingLine { line, _reservation }));
        }
    }

    /// Writes lines without dropping any. Blocks the thread until they are in the file.
    pub(super) fn import(&self, lines: Vec<LogLine>) -> Result<rusqlite::Result<()>, LogError> {
        let mut lines = lines.into_iter();
        loop {
            let chunk: Vec<LogLine> = lines.by_ref().take(IMPORTED_AT_ONCE).collect();
            if chunk.is_empty() {
                return Ok(Ok(()));
            }
            if let Err(error) = self.ask(|done| Job::Import(chunk, done))? {
                return Ok(Err(error));
            }
        }
    }

    /// Queues the removal of the lines of an execution.
    pub(super) fn forget(&self, execution: String) {
        self.send(Job::Forget(execution));
    }

    /// Blocks the thread until all earlier lines are in the file.
    pub(super) fn flush(&self) -> Result<(), LogError> {
        self.ask(Job::Flush)
    }

    /// Closes the file after all earlier lines. Later lines are lost. Blocks the thread until then.
    pub(super) fn close(&self) {
        // It fails when the thread has ended, and then the file is closed.
        let _ = self.ask(Job::Close);
    }

    /// Adds the metrics of the queue to a registry.
    pub(super) fn register_metrics(&self, registry: &mut Registry) {
        self.budget.register(registry);
    }

    fn ask<T>(&self, job: impl FnOnce(SyncSender<T>) -> Job) -> Result<T, LogError> {
        let (done, waiting) = sync_channel(1);
        let jobs = self.jobs.as_ref().ok_or(LogError::Closed)?;
        jobs.send(job(done)).map_err(|_| LogError::Closed)?;
        waiting.recv().map_err(|_| LogError::Closed)
    }

    fn send(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // It fails when the thread has ended, and then the log is closed.
            let _ = jobs.send(job);
        }
    }
}

impl Drop for Writer {
    /// Waits until everything is written.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by its hook.
            let _ = thread.join();
        }
    }
}

/// The state of the thread.
struct Scribe {
    connection: Connection,
    max_bytes: u64,
    budget: Arc<ByteBudget>,
}

impl Scribe {
    /// Serves until there are no more senders, or until the file is to be closed. Returns the channel on which to confirm
    /// that it is closed.
    fn serve(mut self, waiting: &Receiver<Job>) -> Option<SyncSender<()>> {
        while let Ok(first) = waiting.recv() {
            let mut lines = Vec::new();
            for job in std::iter::once(first).chain(waiting.try_iter()) {
                match job {
                    Job::Line(line) => lines.push(line),
                    Job::Import(imported, done) => {
                        self.write(&mut lines);
                        let outcome = file::write(&mut self.connection, &imported, self.max_bytes);
                        // The caller may be gone.
                        let _ = done.send(outcome);
                    }
                    Job::Forget(execution) => {
                        self.write(&mut lines);
                        if let Err(error) = file::forget(&self.connection, &execution) {
                            tracing::warn!(%error, execution, "the log still holds lines of a deleted execution");
                        }
                    }
                    Job::Flush(done) => {
                        self.write(&mut lines);
                        // The caller may be gone.
                        let _ = done.send(());
                    }
                    Job::Close(done) => {
                        self.write(&mut lines);
                        return Some(done);
                    }
                }
            }
            self.write(&mut lines);
        }
        None
    }

    /// Writes lines in one transaction, followed by a line for each function whose lines were dropped meanwhile.
    fn write(&mut self, lines: &mut Vec<WaitingLine>) {
        let gaps: Vec<LogLine> = self.budget.take_dropped().into_iter().map(Dropped::into_line).collect();
        if lines.is_empty() && gaps.is_empty() {
            return;
        }
        let written = lines.iter().map(|waiting| &waiting.line).chain(&gaps);
        if let Err(error) = file::write(&mut self.connection, written, self.max_bytes) {
            tracing::warn!(%error, lines = lines.len(), "output of functions is not in the log");
        }
        lines.clear();
    }
}

#[cfg(test)]
mod tests {
    use durable_types::Timestamp;

    use super::*;

    fn line(index: i64) -> LogLine {
        LogLine {
            at: Timestamp::from_millis(index),
            function: "order".to_owned(),
            stream: "process/1".to_owned(),
            request_id: None,
            execution: None,
            text: "x".repeat(1_000),
        }
    }

    /// A writer without a thread.
    fn stuck_writer() -> (Writer, Receiver<Job>) {
        let (jobs, waiting) = channel();
        (Writer { jobs: Some(jobs), budget: Arc::new(ByteBudget::new(WAITING_BYTES)), thread: None }, waiting)
    }

    #[test]
    fn writing_does_not_wait_for_a_thread_that_is_stuck() {
        let (writer, waiting) = stuck_writer();

        (0..10_000).for_each(|index| writer.write(line(index)));

        let queued = u64::try_from(waiting.try_iter().count()).unwrap();
        let dropped = writer.budget.take_dropped();
        assert!((1_000..5_000).contains(&queued), "{queued}");
        assert_eq!(queued + dropped[0].count, 10_000);
    }

    #[test]
    fn writing_does_not_wait_for_a_thread_that_has_ended() {
        let (writer, waiting) = stuck_writer();

        drop(waiting);
        (0..10_000).for_each(|index| writer.write(line(index)));

        assert!(writer.budget.take_dropped().is_empty(), "the bytes of lost lines are released");
    }
}
