//! The one thread that writes the log.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use durable_host::logs::LogLine;
use rusqlite::Connection;

use super::error::LogError;
use super::file;
use super::room::{Room, Taken};

/// Bytes of lines that may wait. Whoever has more waits for room, and so does the function that prints them.
const WAITING_BYTES: usize = 4 * 1024 * 1024;
/// What a line costs besides its text.
const LINE_BYTES: usize = 512;

/// What the thread is to do.
enum Job {
    Line(WaitingLine),
    /// Remove the lines of this execution that came before.
    Forget(String),
    /// Tell when all that came before is in the file.
    Flush(SyncSender<()>),
    /// Close the file once all that came before is in it, and tell so.
    Close(SyncSender<()>),
}

/// A line to be written, and the room that it has until it is, or until it is lost because the thread is gone.
struct WaitingLine {
    line: LogLine,
    _room: Taken,
}

/// The handle on the thread.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    room: Arc<Room>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, max_bytes: u64) -> Result<Self, LogError> {
        let (jobs, waiting) = channel();
        let room = Arc::new(Room::of(WAITING_BYTES));
        let scribe = Scribe { connection, max_bytes };
        let thread = thread::Builder::new()
            .name("durable-logs".to_owned())
            .spawn(move || {
                // The file is closed when the scribe is gone.
                if let Some(done) = scribe.serve(&waiting) {
                    let _ = done.send(());
                }
            })
            .map_err(|error| LogError::Thread(Arc::new(error)))?;
        Ok(Self { jobs: Some(jobs), room, thread: Some(thread) })
    }

    /// Has a line written. It blocks the thread while too much waits already.
    pub(super) fn write(&self, line: LogLine) {
        let _room = self.room.take(bytes(&line));
        self.send(Job::Line(WaitingLine { line, _room }));
    }

    /// Has the lines of an execution removed.
    pub(super) fn forget(&self, execution: String) {
        self.send(Job::Forget(execution));
    }

    /// Waits until all that was written before is in the file. It blocks the thread.
    pub(super) fn flush(&self) -> Result<(), LogError> {
        self.ask(Job::Flush)
    }

    /// Closes the file once all that was written before is in it. What comes later is lost. It blocks the thread.
    pub(super) fn close(&self) {
        // It fails when the thread is gone, and with it the open file.
        let _ = self.ask(Job::Close);
    }

    fn ask(&self, job: impl FnOnce(SyncSender<()>) -> Job) -> Result<(), LogError> {
        let (done, waiting) = sync_channel(1);
        let jobs = self.jobs.as_ref().ok_or(LogError::Closed)?;
        jobs.send(job(done)).map_err(|_| LogError::Closed)?;
        waiting.recv().map_err(|_| LogError::Closed)
    }

    fn send(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // It fails when the thread is gone, and then the log is closed.
            let _ = jobs.send(job);
        }
    }
}

impl Drop for Writer {
    /// Waits until everything is written.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // Had it panicked, there would be nothing left to do for it.
            let _ = thread.join();
        }
    }
}

/// Who writes.
struct Scribe {
    connection: Connection,
    max_bytes: u64,
}

impl Scribe {
    /// Works until nobody sends any more, or until the file is to be closed; then somebody waits for that.
    fn serve(mut self, waiting: &Receiver<Job>) -> Option<SyncSender<()>> {
        while let Ok(first) = waiting.recv() {
            let mut lines = Vec::new();
            for job in std::iter::once(first).chain(waiting.try_iter()) {
                match job {
                    Job::Line(line) => lines.push(line),
                    Job::Forget(execution) => {
                        self.write(&mut lines);
                        if let Err(error) = file::forget(&self.connection, &execution) {
                            tracing::warn!(%error, execution, "the log still holds lines of a deleted execution");
                        }
                    }
                    Job::Flush(done) => {
                        self.write(&mut lines);
                        // Whoever asked and went away needs no answer.
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

    /// Writes lines in one transaction.
    fn write(&mut self, lines: &mut Vec<WaitingLine>) {
        if lines.is_empty() {
            return;
        }
        let texts = lines.iter().map(|waiting| &waiting.line);
        if let Err(error) = file::write(&mut self.connection, texts, self.max_bytes) {
            tracing::warn!(%error, lines = lines.len(), "lines that functions printed are not in the log");
        }
        lines.clear();
    }
}

/// What a line takes up while it waits.
fn bytes(line: &LogLine) -> usize {
    line.text.len().saturating_add(LINE_BYTES)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use durable_types::Timestamp;

    use super::*;

    fn long_line() -> LogLine {
        LogLine {
            at: Timestamp::EPOCH,
            function: "order".to_owned(),
            stream: "process/1".to_owned(),
            request_id: None,
            execution: None,
            text: "x".repeat(WAITING_BYTES),
        }
    }

    #[test]
    fn a_thread_that_is_gone_holds_up_nobody() {
        let (jobs, waiting) = channel();
        let writer = Writer { jobs: Some(jobs), room: Arc::new(Room::of(WAITING_BYTES)), thread: None };
        writer.write(long_line());
        let (done, went_on) = channel();

        drop(waiting);
        thread::spawn(move || {
            writer.write(long_line());
            writer.write(long_line());
            done.send(()).unwrap();
        });

        assert!(went_on.recv_timeout(Duration::from_secs(30)).is_ok());
    }
}
