//! The one thread that writes the log.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use super::error::LogError;
use super::file;
use super::line::LogLine;

/// Lines that may wait. Whoever has more waits for room, and so does the function that writes them.
const QUEUE: usize = 1_024;

/// What the thread is to do.
enum Job {
    Line(LogLine),
    /// Tell when all that came before is in the file.
    Flush(SyncSender<()>),
}

/// The handle on the thread.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, max_bytes: u64) -> Result<Self, LogError> {
        let (jobs, waiting) = sync_channel(QUEUE);
        let thread = thread::Builder::new()
            .name("durable-logs".to_owned())
            .spawn(move || serve(connection, &waiting, max_bytes))
            .map_err(|error| LogError::Thread(Arc::new(error)))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    pub(super) fn write(&self, line: LogLine) {
        if let Some(jobs) = &self.jobs {
            // It fails when the thread is gone, and then the log is closed.
            let _ = jobs.send(Job::Line(line));
        }
    }

    /// Waits until all that was written before is in the file. It blocks the thread.
    pub(super) fn flush(&self) -> Result<(), LogError> {
        let (done, waiting) = sync_channel(1);
        let jobs = self.jobs.as_ref().ok_or(LogError::Closed)?;
        jobs.send(Job::Flush(done)).map_err(|_| LogError::Closed)?;
        waiting.recv().map_err(|_| LogError::Closed)
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

fn serve(mut connection: Connection, waiting: &Receiver<Job>, max_bytes: u64) {
    while let Ok(first) = waiting.recv() {
        let (mut lines, mut flushes) = (Vec::new(), Vec::new());
        for job in std::iter::once(first).chain(waiting.try_iter().take(QUEUE)) {
            match job {
                Job::Line(line) => lines.push(line),
                Job::Flush(done) => flushes.push(done),
            }
        }
        if !lines.is_empty()
            && let Err(error) = file::write(&mut connection, &lines, max_bytes)
        {
            tracing::warn!(%error, lines = lines.len(), "lines that functions printed are not in the log");
        }
        for done in flushes {
            // Whoever asked and went away needs no answer.
            let _ = done.send(());
        }
    }
}
