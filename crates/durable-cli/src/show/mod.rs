//! `durable show`: an execution as a timeline in the terminal.

mod chart;
mod notes;
mod rows;
mod waits;

use std::process::ExitCode;

use crate::clock;
use clap::Args;
use serde_json::{Value, json};

use crate::choice::ReadChoice;
use crate::exit::Exit;
use crate::export_file::ExportFile;
use crate::failure::Failure;
use crate::remote::{self, ReadOptions};
use crate::session::{block_on, print_json, print_styled};
use crate::style::{Style, Tint};
use crate::time_format;
use crate::visible::visible_value;
use chart::Chart;
use durable_timeline::{Timeline, text};
use durable_types::api::GetExecutionResponse;
use durable_types::history::Event;
use durable_types::{DurableExecutionArn, Timestamp};

/// Shows an execution: when each operation ran and waited, its attempts, and how it ended.
///
/// A block is running code, a dot is waiting, and a shaded block is a failed attempt.
#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    execution: ReadChoice,

    /// Shows all operations of a context, even if there are many.
    #[arg(long)]
    all: bool,

    /// Prints the execution and its history as JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    service: ReadOptions,
}

/// Shows the execution.
pub(crate) fn show(arguments: &ShowArguments) -> Result<ExitCode, Failure> {
    let (export, is_held) = match arguments.execution.of_file()? {
        Some(export) => (export, false),
        None => block_on(ask(arguments))?,
    };
    if arguments.json {
        print_json(&json!({ "Execution": export.execution, "Events": export.events }))?;
        return Ok(Exit::Done.into());
    }
    let execution = remote::execution(&visible_value(&export.execution))?;
    let events = remote::events(&export.events.iter().map(visible_value).collect::<Vec<_>>())?;
    let style = Style::for_stdout();
    let mut text = describe(&execution, &events, arguments.all, style, clock::now());
    if is_held {
        let held = "not invoked because the service does not serve its function; add it to durable.toml";
        text.push_str(&format!("{}\n", style.paint(Tint::Waiting, held)));
    }
    print_styled(&text)?;
    Ok(Exit::Done.into())
}

/// Reads an execution, and whether it is held because its function does not exist.
async fn ask(arguments: &ShowArguments) -> Result<(ExportFile, bool), Failure> {
    let (client, arn) = arguments.execution.of_service(&arguments.service).await?;
    let execution = client.execution(&arn).await?;
    let events = client.history(&arn, true).await?;
    let is_open = execution.get("EndTimestamp").is_none_or(Value::is_null);
    let function = arn.parse::<DurableExecutionArn>().map(|arn| arn.function_name().to_owned());
    let is_held = match function {
        Ok(function) if is_open && client.runs_functions() => !client.has_function(&function).await?,
        Ok(_) | Err(_) => false,
    };
    Ok((ExportFile::new(execution, events), is_held))
}

fn describe(
    execution: &GetExecutionResponse,
    events: &[Event],
    all: bool,
    style: Style,
    now: Timestamp,
) -> String {
    let timeline = Timeline::from_events(events);
    let end = execution.end_timestamp;
    let lasted = text::duration(end.unwrap_or(now).saturating_since(execution.start_timestamp));
    let status = &execution.status;
    let (tint, how) = match (end, execution.error.is_some()) {
        (Some(_), false) => (Tint::Good, format!("{status} after {lasted}")),
        (Some(_), true) => (Tint::Bad, format!("{status} after {lasted}")),
        (None, _) => (Tint::Waiting, format!("{status} for {lasted}")),
    };
    let mut lines = vec![
        format!(
            "{}  {}",
            style.paint(Tint::Strong, &execution.durable_execution_name),
            style.paint(tint, &how)
        ),
        style.paint(Tint::Faint, &execution.durable_execution_arn),
        style.paint(
            Tint::Faint,
            &format!("started {} UTC", time_format::date_and_time(execution.start_timestamp)),
        ),
    ];
    lines.extend(
        execution.input_payload.as_ref().map(|input| format!("input  {}", one_line(input, style.width))),
    );
    lines.push(String::new());
    lines.extend(Chart::new(&timeline, style, all, now).draw());
    lines.push(String::new());
    if let Some(error) = &execution.error {
        lines.push(format!("{}  {error}", style.paint(Tint::Bad, "error")));
    } else if end.is_some() {
        let result = execution.result.as_deref().unwrap_or("null");
        lines.push(format!("{} {}", style.paint(Tint::Good, "result"), one_line(result, style.width)));
    } else if let Some(pause) = &execution.pause_details {
        let reason = pause.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        lines.push(style.paint(Tint::Waiting, &format!("paused{reason}; resume with `durable resume`")));
    } else if let Some(failed) = timeline.failed_invocation() {
        let error = text::because(failed.error.as_deref());
        let failed = "the last invocation failed and will be retried";
        lines.push(format!("{}{error}", style.paint(Tint::Bad, failed)));
    } else if let Some(waits) = waits::waiting_for(&timeline, now) {
        lines.push(style.paint(Tint::Waiting, &one_line(&waits, style.width)));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Cuts the text to one line. `--json` prints all of it.
fn one_line(text: &str, width: usize) -> String {
    chart::cut(&text.split_whitespace().collect::<Vec<_>>().join(" "), width.saturating_sub(7))
}

#[cfg(test)]
mod tests;
