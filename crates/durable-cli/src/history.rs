//! `durable history`: the events of an execution.

use std::process::ExitCode;

use clap::Args;
use durable_timeline::text;
use durable_types::history::{Event, EventDetails, EventError};

use crate::choice::ReadChoice;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{self, ReadOptions};
use crate::session::{block_on, print, print_json};
use crate::time_format;

/// Prints the history of an execution, one line per event.
#[derive(Debug, Args)]
pub(crate) struct HistoryArguments {
    #[command(flatten)]
    execution: ReadChoice,

    /// Prints the events as GetDurableExecutionHistory returns them, with all data.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    service: ReadOptions,
}

/// Prints the history.
pub(crate) fn history(arguments: &HistoryArguments) -> Result<ExitCode, Failure> {
    let events = match arguments.execution.of_file()? {
        Some(export) => export.events,
        None => block_on(async {
            let (client, arn) = arguments.execution.of_service(&arguments.service).await?;
            Ok(client.history(&arn, true).await?)
        })?,
    };
    if arguments.json {
        print_json(&serde_json::json!({ "Events": events }))?;
    } else {
        let lines: Vec<String> = remote::events(&events)?.iter().map(line).collect();
        print(&lines.concat())?;
    }
    Ok(Exit::Done.into())
}

fn line(event: &Event) -> String {
    let kind = event.details.event_type();
    // Events of the execution itself are shown without its name.
    let is_operation = !kind.as_str().starts_with("Execution");
    let name = event.name.as_deref().or(event.id.as_deref()).filter(|_| is_operation).unwrap_or_default();
    let (id, at) = (event.event_id, time_format::time_with_millis(event.event_timestamp));
    let kind = kind.as_str();
    let detail = detail(&event.details);
    // Without a name, no separator is needed.
    let detail = if name.is_empty() { detail.trim_start_matches(": ") } else { &detail };
    let line = format!("{id:>5}  {at}  {kind:23} {name}{detail}");
    format!("{}\n", line.trim_end())
}

/// Returns the detail to show on the line of an event.
fn detail(details: &EventDetails) -> String {
    match details {
        EventDetails::StepFailed(details) => because(&details.error),
        EventDetails::ContextFailed(details) => because(&details.error),
        EventDetails::CallbackFailed(details) => because(&details.error),
        EventDetails::CallbackTimedOut(details) => because(&details.error),
        EventDetails::ChainedInvokeFailed(details) => because(&details.error),
        EventDetails::ChainedInvokeTimedOut(details) => because(&details.error),
        EventDetails::ChainedInvokeStopped(details) => because(&details.error),
        EventDetails::ExecutionFailed(details) => because(&details.error),
        EventDetails::ExecutionStopped(details) => because(&details.error),
        EventDetails::ExecutionTimedOut(details) => details.error.as_ref().map(because).unwrap_or_default(),
        EventDetails::InvocationCompleted(details) => details.error.as_ref().map(because).unwrap_or_default(),
        EventDetails::WaitStarted(details) => format!(" for {} s", details.duration),
        EventDetails::CallbackStarted(details) => format!(": {}", details.callback_id),
        EventDetails::ChainedInvokeStarted(details) => format!(" of {}", details.function_name),
        EventDetails::ExecutionStarted(_)
        | EventDetails::ExecutionSucceeded(_)
        | EventDetails::ExecutionPaused(_)
        | EventDetails::ExecutionResumed(_)
        | EventDetails::ContextStarted(_)
        | EventDetails::ContextSucceeded(_)
        | EventDetails::StepStarted(_)
        | EventDetails::StepSucceeded(_)
        | EventDetails::WaitSucceeded(_)
        | EventDetails::WaitCancelled(_)
        | EventDetails::CallbackSucceeded(_)
        | EventDetails::ChainedInvokeSucceeded(_)
        | EventDetails::Unknown(_) => String::new(),
    }
}

fn because(error: &EventError) -> String {
    text::because(error.payload.as_ref())
}
