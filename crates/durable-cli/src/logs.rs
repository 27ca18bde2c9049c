//! `durable logs`: the log lines of functions.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use durable_types::Timestamp;

use crate::display::readable;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{Client, LogEvent, LogQuery, ReadOptions};
use crate::session::{block_on, print_json_line, print_while_read};
use crate::time_format;

/// The interval at which new lines are requested.
const FOLLOW_INTERVAL: Duration = Duration::from_millis(500);
/// The same for CloudWatch, which ingests lines late.
const AWS_FOLLOW_INTERVAL: Duration = Duration::from_secs(2);

/// Prints log lines, oldest first: of all functions, of one, or of one execution.
///
/// The local service knows which execution each line belongs to. CloudWatch finds only lines that are JSON with a
/// member `executionArn` or `durableExecutionArn`, as the SDKs write them.
#[derive(Debug, Args)]
pub(crate) struct LogsArguments {
    /// The execution, by ARN, name, or a unique prefix of its name or id.
    #[arg(value_name = "EXECUTION")]
    execution: Option<String>,

    /// Only lines of this function. AWS requires it, unless the ARN of an execution is given.
    #[arg(long, value_name = "NAME")]
    function: Option<String>,

    /// Prints new lines as they are written, until Ctrl-C.
    #[arg(long, short, conflicts_with = "offline")]
    follow: bool,

    /// Only lines after this time: a duration ago (10m, 2h, 3d) or a time (2026-01-02T03:04:05Z).
    #[arg(long, value_name = "TIME", value_parser = time_format::parse_since)]
    since: Option<Timestamp>,

    /// Prints each line as JSON, with its time and its source.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    service: ReadOptions,
}

/// Prints the lines.
pub(crate) fn logs(arguments: &LogsArguments) -> Result<ExitCode, Failure> {
    if arguments.service.is_aws() && arguments.execution.is_none() && arguments.function.is_none() {
        return Err(Failure::Usage(
            "AWS stores logs by function; add --function NAME, or specify an execution".to_owned(),
        ));
    }
    block_on(async {
        tokio::select! {
            printed = ask(arguments) => printed?,
            Ok(()) = tokio::signal::ctrl_c() => return Ok(Exit::Interrupted.into()),
        }
        Ok(Exit::Done.into())
    })
}

async fn ask(arguments: &LogsArguments) -> Result<(), Failure> {
    let client = Client::open_to_read(&arguments.service).await?;
    let execution = match &arguments.execution {
        Some(text) => Some(client.find(text, arguments.function.as_deref()).await?),
        None => None,
    };
    let mut query = LogQuery {
        function: arguments.function.clone(),
        execution,
        start: arguments.since.map(Timestamp::as_millis),
        token: None,
    };
    let interval = if client.is_aws() { AWS_FOLLOW_INTERVAL } else { FOLLOW_INTERVAL };
    // The lines printed last. The next request starts at their timestamp and returns them again.
    let mut seen: Vec<String> = Vec::new();
    let mut last = query.start;
    loop {
        let page = client.logs(&query).await?;
        for event in &page.events {
            if seen.contains(&event.event_id) {
                continue;
            }
            if last != Some(event.timestamp) {
                seen.clear();
            }
            last = Some(event.timestamp);
            seen.push(event.event_id.clone());
            if !show(event, arguments)? {
                return Ok(());
            }
        }
        query.token = page.next_token;
        if query.token.is_none() {
            if !arguments.follow {
                return Ok(());
            }
            // The start time changes only here, because a token belongs to the request that returned it.
            query.start = last;
            tokio::time::sleep(interval).await;
        }
    }
}

/// Prints a line. Returns whether the output is still being read.
fn show(event: &LogEvent, arguments: &LogsArguments) -> Result<bool, Failure> {
    if arguments.json {
        return print_json_line(event);
    }
    let at = time_format::time_with_millis(Timestamp::from_millis(event.timestamp));
    // Selected by function or execution, all lines have the same function.
    let shows_function = arguments.execution.is_none() && arguments.function.is_none();
    let function = event.function_name.as_deref().filter(|_| shows_function);
    let function = function.map(|name| format!("{name}  ")).unwrap_or_default();
    print_while_read(&format!("{at}  {function}{}\n", readable(&event.message)))
}
