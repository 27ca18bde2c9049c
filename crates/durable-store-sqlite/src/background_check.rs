//! Checks a large database after a crash while it is in use.

use std::fmt;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, InterruptHandle};

use super::database::Database;
use super::error::StoreError;
use super::integrity;

/// The interval at which the check is interrupted until it ends.
const INTERRUPT_INTERVAL: Duration = Duration::from_millis(1);

/// A check of the database on a thread of its own, which is interrupted when this is dropped.
pub(super) struct BackgroundCheck {
    interrupt: InterruptHandle,
    thread: Option<JoinHandle<Verdict>>,
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The database is complete and consistent.
    Sound,
    /// It is damaged.
    Damaged,
    /// The check ended before it had read everything.
    Unknown,
}

impl BackgroundCheck {
    /// Starts the check. If it finds damage, nothing more is written to the database.
    pub(super) fn start(database: Database) -> Result<Self, StoreError> {
        let connection = database.open_reader().map_err(|error| database.failure(error))?;
        let interrupt = connection.get_interrupt_handle();
        let check = move || check(&database, &connection);
        let thread = thread::Builder::new().name("record check".to_owned()).spawn(check).ok();
        Ok(Self { interrupt, thread })
    }

    /// Ends the check, and returns what it found.
    pub(super) fn end(mut self) -> Verdict {
        self.interrupt_and_join()
    }

    fn interrupt_and_join(&mut self) -> Verdict {
        let Some(thread) = self.thread.take() else { return Verdict::Unknown };
        // An interrupt between two statements has no effect.
        while !thread.is_finished() {
            self.interrupt.interrupt();
            thread::sleep(INTERRUPT_INTERVAL);
        }
        thread.join().unwrap_or(Verdict::Unknown)
    }
}

impl fmt::Debug for BackgroundCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackgroundCheck").finish_non_exhaustive()
    }
}

impl Drop for BackgroundCheck {
    fn drop(&mut self) {
        self.interrupt_and_join();
    }
}

fn check(database: &Database, connection: &Connection) -> Verdict {
    match integrity::any_damage(connection) {
        Ok(None) => {
            tracing::info!("checked the record, because the service that used it did not close it");
            Verdict::Sound
        }
        Ok(Some(detail)) => {
            tracing::error!(detail, "the record is damaged, so nothing more is recorded; restore a backup");
            database.note_damage(detail);
            Verdict::Damaged
        }
        // It was interrupted, or the file cannot be read, which the next request reports.
        Err(error) => {
            tracing::debug!(%error, "the check of the record ended early");
            Verdict::Unknown
        }
    }
}
