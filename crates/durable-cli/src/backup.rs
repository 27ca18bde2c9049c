//! `durable backup`: copies the record of all executions to one file.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use durable_store_sqlite::{ExistingFile, backup as write_backup};
use tokio::task::spawn_blocking;

use crate::config::Config;
use crate::display::print_line;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupts::Interrupts;
use crate::session::block_on;

/// Copies the record of all executions to one file, also while a service runs.
///
/// The file contains all inputs, results and errors in plain text, and the secret seeds of the executions, from which
/// their checkpoint tokens and callback ids are derived: anyone who has the file and can reach the service can complete
/// callbacks and record results in the name of executions that have not ended. Only you can read the file. It does not
/// contain the output of functions, which `durable logs` shows.
///
/// To restore it, copy it into an empty folder as durable.sqlite3 and start a service there: executions that had not
/// ended resume. Stop the original service first, or both run the same executions.
#[derive(Debug, Args)]
pub(crate) struct BackupArguments {
    /// The file to write. It appears once it is complete.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Replaces the file if it exists.
    #[arg(long)]
    force: bool,

    /// The data folder [default: that of durable.toml, or .durable].
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// Writes the file.
pub(crate) fn backup(arguments: &BackupArguments) -> Result<ExitCode, Failure> {
    let folder = Config::service_here()?.folder(arguments.folder.as_deref());
    let existing = if arguments.force { ExistingFile::Replaced } else { ExistingFile::Kept };
    block_on(write_unless_interrupted(folder, arguments.file.clone(), existing))?;
    let file = arguments.file.display();
    print_line(&format!(
        "wrote {file}; it contains the inputs, results, errors and secret seeds of all executions"
    ));
    Ok(Exit::Done.into())
}

/// Writes the file on a thread. A signal cancels it, so that no unfinished copy of all data remains.
async fn write_unless_interrupted(
    folder: PathBuf,
    file: PathBuf,
    existing: ExistingFile,
) -> Result<(), Failure> {
    let mut interrupts = Interrupts::listen()?;
    let is_cancelled = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&is_cancelled);
    let mut written =
        spawn_blocking(move || write_backup(&folder, &file, existing, move || asked.load(Ordering::Relaxed)));
    let written = tokio::select! {
        written = &mut written => written,
        () = interrupts.next() => {
            is_cancelled.store(true, Ordering::Relaxed);
            written.await
        }
    };
    Ok(written.map_err(io::Error::other)??)
}
