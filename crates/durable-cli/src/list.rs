//! `durable list`: the executions of a service.

use std::process::ExitCode;

use crate::clock;
use clap::Args;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use durable_timeline::text;
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
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["NAME", "FUNCTION", "STATUS", "STARTED (UTC)", "TIME"]);
    table.add_rows(executions.iter().map(|execution| row(execution, now)));
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 2));
    });
    let text = table.trim_fmt();
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default().to_owned();
    let rows = lines.zip(executions).map(|(line, execution)| coloured(line, &execution.status, style));
    std::iter::once(head).chain(rows).map(|line| line + "\n").collect()
}

/// Colours the status in a line of the table. Only times follow it, so its last occurrence is the right one.
fn coloured(line: &str, status: &ExecutionStatus, style: Style) -> String {
    let text = visible(status.as_str());
    match line.rsplit_once(text.as_ref()) {
        Some((before, after)) => format!("{before}{}{after}", style.paint(tint(status), &text)),
        None => line.to_owned(),
    }
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
        text::duration(lasted),
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

    #[test]
    fn only_the_status_is_coloured() {
        let executions = [execution("FAILED", ExecutionStatus::Failed, Some("2026-01-02T03:04:06.5Z"))];

        let style = Style { coloured: true, width: 80 };
        let text = table(&executions, style, "2026-01-02T03:05:05Z".parse().unwrap());

        let row = text.lines().nth(1).unwrap();
        assert_eq!(row, "FAILED  order     \x1b[31mFAILED\x1b[0m  2026-01-02 03:04:05  1.5 s");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let executions = ["注文", "order"].map(|name| execution(name, ExecutionStatus::Running, None));

        let style = Style { coloured: false, width: 80 };
        let text = table(&executions, style, "2026-01-02T03:05:05Z".parse().unwrap());

        let rows: Vec<_> = text.lines().skip(1).collect();
        assert!(rows[0].starts_with("注文             RUNNING"), "{text}");
        assert!(rows[1].starts_with("order  order     RUNNING"), "{text}");
    }
}
