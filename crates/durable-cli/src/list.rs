//! `durable list`: the executions of a service.

use std::process::ExitCode;

use crate::clock;
use clap::Args;
use durable_types::api::ExecutionSummary;
use durable_types::{DurableExecutionArn, ExecutionStatus, Timestamp};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{Client, ListQuery, ReadOptions};
use crate::session::{block_on, print, print_json, print_styled};
use crate::style::{Style, Tint};
use crate::time_format;
use crate::visible::visible;

/// The number of executions that the API returns per page.
const PAGE: usize = 1_000;

/// The statuses of executions in the API.
const STATUSES: [&str; 8] =
    ["RUNNING", "PAUSING", "PAUSED", "SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED", "DELETING"];

/// Lists executions, newest first.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Only executions of this function. AWS requires it.
    #[arg(value_name = "FUNCTION")]
    function: Option<String>,

    /// Only executions with this status. Can be repeated.
    #[arg(long, value_name = "STATUS", value_parser = STATUSES, ignore_case = true)]
    status: Vec<String>,

    /// Only executions with this name.
    #[arg(long, value_name = "EXECUTION_NAME")]
    name: Option<String>,

    /// Only executions started after this time: a duration ago (10m, 2h, 3d) or a time (2026-01-02T03:04:05Z).
    #[arg(long, value_name = "TIME", value_parser = time_format::parse_since)]
    since: Option<Timestamp>,

    /// Only executions started before this time.
    #[arg(long, value_name = "TIME", value_parser = time_format::parse_since)]
    before: Option<Timestamp>,

    /// The maximum number of executions.
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// Lists the oldest first.
    #[arg(long)]
    reverse: bool,

    /// Prints them as JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    service: ReadOptions,
}

/// Lists the executions.
pub(crate) fn list(arguments: &ListArguments) -> Result<ExitCode, Failure> {
    if arguments.service.is_aws() && arguments.function.is_none() {
        return Err(Failure::Usage(
            "AWS lists executions by function; specify one: durable list FUNCTION".to_owned(),
        ));
    }
    let executions = block_on(ask(arguments))?;
    if arguments.json {
        print_json(&executions)?;
    } else if executions.is_empty() {
        print("no executions\n")?;
    } else {
        print_styled(&table(&executions, Style::for_stdout(), clock::now()))?;
    }
    Ok(Exit::Done.into())
}

async fn ask(arguments: &ListArguments) -> Result<Vec<ExecutionSummary>, Failure> {
    let client = Client::open_to_read(&arguments.service).await?;
    let mut query = ListQuery {
        function: arguments.function.clone(),
        name: arguments.name.clone(),
        statuses: arguments.status.iter().map(|status| status.to_ascii_uppercase()).collect(),
        started_after: arguments.since.map(|since| since.to_string()),
        started_before: arguments.before.map(|before| before.to_string()),
        reverse: arguments.reverse,
        ..ListQuery::default()
    };
    let limit = usize::try_from(arguments.limit).unwrap_or(usize::MAX);
    let mut executions = Vec::new();
    loop {
        let missing = limit.saturating_sub(executions.len());
        if missing == 0 {
            return Ok(executions);
        }
        query.max_items = Some(missing.min(PAGE));
        let page = client.list(&query).await?;
        executions.extend(page.durable_executions);
        query.marker = page.next_marker;
        if query.marker.is_none() {
            executions.truncate(limit);
            return Ok(executions);
        }
    }
}

/// Formats the executions as a table. Names are never cut, because other commands take them as arguments.
fn table(executions: &[ExecutionSummary], style: Style, now: Timestamp) -> String {
    let rows: Vec<[String; 5]> = executions.iter().map(|execution| row(execution, now)).collect();
    let head = ["NAME", "FUNCTION", "STATUS", "STARTED (UTC)", "TIME"];
    let widths = std::array::from_fn::<usize, 4, _>(|column| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(head.get(column).map(|head| head.len())).max().unwrap_or_default()
    });
    let line = |[name, function, status, started, time]: [&str; 5], tint: Tint| {
        let [name_width, function_width, status_width, started_width] = widths;
        let status = style.paint(tint, &format!("{status:status_width$}"));
        let line = format!(
            "{name:name_width$}  {function:function_width$}  {status}  {started:started_width$}  {time}"
        );
        format!("{}\n", line.trim_end())
    };
    let mut text = line(head, Tint::Plain);
    for (row, execution) in rows.iter().zip(executions) {
        text.push_str(&line(row.each_ref().map(String::as_str), tint(&execution.status)));
    }
    text
}

fn row(execution: &ExecutionSummary, now: Timestamp) -> [String; 5] {
    let arn = execution.durable_execution_arn.parse::<DurableExecutionArn>();
    let function = arn.map(|arn| arn.function_name().to_owned()).unwrap_or_default();
    let lasted = execution.end_timestamp.unwrap_or(now).saturating_since(execution.start_timestamp);
    [
        visible(&execution.durable_execution_name).into_owned(),
        visible(&function).into_owned(),
        visible(execution.status.as_str()).into_owned(),
        time_format::date_and_time(execution.start_timestamp),
        time_format::span(lasted),
    ]
}

fn tint(status: &ExecutionStatus) -> Tint {
    match status {
        ExecutionStatus::Succeeded => Tint::Good,
        ExecutionStatus::Failed | ExecutionStatus::TimedOut | ExecutionStatus::Stopped => Tint::Bad,
        ExecutionStatus::Running
        | ExecutionStatus::Pausing
        | ExecutionStatus::Paused
        | ExecutionStatus::Deleting
        | ExecutionStatus::Unknown(_) => Tint::Waiting,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn execution(name: &str, status: ExecutionStatus, end: Option<&str>) -> ExecutionSummary {
        let function_arn = "arn:aws:lambda:us-east-1:000000000000:function:order:$LATEST";
        let arn = format!("{function_arn}/durable-execution/{name}/0b1c");
        let start = "2026-01-02T03:04:05Z".parse().unwrap();
        let mut summary = ExecutionSummary::new(arn, name, function_arn, status, start);
        summary.end_timestamp = end.map(|end| end.parse().unwrap());
        summary
    }

    #[test]
    fn every_status_can_be_filtered() {
        let known = STATUSES.map(ExecutionStatus::from);

        assert!(known.iter().all(|status| !matches!(status, ExecutionStatus::Unknown(_))), "{known:?}");
    }

    #[test]
    fn executions_are_a_table() {
        let executions = [
            execution("order-7", ExecutionStatus::Succeeded, Some("2026-01-02T03:04:06.5Z")),
            execution("an-order-with-a-long-name", ExecutionStatus::Running, None),
        ];

        let style = Style { coloured: false, width: 80 };
        let text = table(&executions, style, "2026-01-02T03:05:05Z".parse().unwrap());

        insta::assert_snapshot!(text);
    }
}
