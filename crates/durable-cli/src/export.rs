//! `durable export`: writes everything about an execution to one file.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use durable_store_sqlite::private_file;

use crate::display::print_line;
use crate::exit::Exit;
use crate::export_file::ExportFile;
use crate::failure::Failure;
use crate::remote::{Client, ExecutionChoice, LogQuery, ReadOptions};
use crate::session::{block_on, print_json_text};

/// Writes everything about an execution to one file, for a bug report: status, history, logs and record.
///
/// The file contains all inputs, results, errors and log lines in plain text, and the secret seed of the execution,
/// from which its checkpoint tokens and callback ids are derived: until the execution ends, anyone who has the file
/// and can reach the service can complete its callbacks and record results in its name. The file that --output creates
/// is readable only by you. Review it before you share it.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    execution: ExecutionChoice,

    /// The file [default: standard output].
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    service: ReadOptions,
}

/// Writes the file.
pub(crate) fn export(arguments: &ExportArguments) -> Result<ExitCode, Failure> {
    let text = block_on(ask(arguments))?.text()?;
    match &arguments.output {
        Some(file) => {
            write(file, &text).map_err(|error| Failure::File(file.clone(), error))?;
            let file = file.display();
            print_line(&format!(
                "wrote {file}; it contains all data and logs of the execution, and the seed of its tokens"
            ));
        }
        None => print_json_text(&text)?,
    }
    Ok(Exit::Done.into())
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    private_file::create(file)?.write_all(text.as_bytes())
}

async fn ask(arguments: &ExportArguments) -> Result<ExportFile, Failure> {
    let client = Client::open_to_read(&arguments.service).await?;
    let arn = arguments.execution.find(&client).await?;
    // The record is read first, so that everything read after it is at least as recent.
    let record = if client.is_aws() { None } else { Some(client.record(&arn).await?) };
    let mut export = ExportFile::new(client.execution(&arn).await?, client.history(&arn, true).await?);
    export.record = record;
    let mut query = LogQuery { execution: Some(arn), ..LogQuery::default() };
    loop {
        let page = client.logs(&query).await?;
        export.logs.extend(page.events);
        query.token = page.next_token;
        if query.token.is_none() {
            return Ok(export);
        }
    }
}
