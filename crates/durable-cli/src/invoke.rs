//! `durable invoke`: starts an execution of a function that a service runs.

use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use durable_functions::error_object;
use durable_types::api::{DURABLE_EXECUTION_ARN_HEADER, FUNCTION_ERROR_HEADER, LOG_RESULT_HEADER};
use durable_types::validate;
use serde_json::json;

use crate::display::{print_line, readable};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::remote::{Answer, Client, Invocation, RemoteError, ServiceOptions};
use crate::session::{as_json, block_on, print, print_data, print_json};

/// Invokes a function and prints its result.
#[derive(Debug, Args)]
pub(crate) struct InvokeArguments {
    /// The function, followed by a colon and its version if that is not $LATEST.
    #[arg(value_name = "NAME")]
    function: String,

    /// The input: a JSON file, JSON text, or - for standard input.
    #[arg(long, value_name = "FILE|JSON")]
    input: Option<String>,

    /// The name of the execution. If one of that name and input exists, the command waits for it.
    #[arg(long, value_name = "EXECUTION_NAME")]
    name: Option<String>,

    /// Starts the execution and prints its ARN, without waiting for it.
    #[arg(long)]
    detach: bool,

    /// Prints the end of the function's log to standard error.
    #[arg(long, conflicts_with = "detach")]
    tail: bool,

    /// Prints the ARN and the result or the error as JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    service: ServiceOptions,
}

/// Invokes the function.
pub(crate) fn invoke(arguments: InvokeArguments) -> Result<ExitCode, Failure> {
    if let Some(Err(violation)) = arguments.name.as_deref().map(validate::execution_name) {
        return Err(Failure::Name(violation.problem));
    }
    let input = arguments.input.as_deref().map(input::read_input).transpose()?;
    let answer = block_on(send(&arguments, input))?;
    if let Some(log) = answer.header(LOG_RESULT_HEADER).and_then(|log| STANDARD.decode(log).ok()) {
        print_line(&readable(&String::from_utf8_lossy(&log)));
    }
    let arn = answer.header(DURABLE_EXECUTION_ARN_HEADER);
    let body = String::from_utf8_lossy(&answer.body);
    if arguments.detach {
        match (arguments.json, arn) {
            (true, arn) => print_json(&json!({ "DurableExecutionArn": arn }))?,
            (false, Some(arn)) => print(&format!("{arn}\n"))?,
            // A function that is not durable has no execution.
            (false, None) => {}
        }
        return Ok(Exit::Done.into());
    }
    let failed = answer.header(FUNCTION_ERROR_HEADER).is_some();
    match (arguments.json, failed) {
        (true, true) => print_json(&json!({ "DurableExecutionArn": arn, "Error": as_json(&body) }))?,
        (true, false) => print_json(&json!({ "DurableExecutionArn": arn, "Result": as_json(&body) }))?,
        (false, true) => print_failure(&answer),
        (false, false) => print_data(&format!("{body}\n"))?,
    }
    Ok(if failed { Exit::Unsuccessful } else { Exit::Done }.into())
}

async fn send(arguments: &InvokeArguments, input: Option<String>) -> Result<Answer, Failure> {
    let client = Client::open(&arguments.service).await?;
    let qualifier = (!arguments.function.contains(':')).then(|| "$LATEST".to_owned());
    let invocation = Invocation {
        function: arguments.function.clone(),
        qualifier,
        name: arguments.name.clone(),
        input,
        event: arguments.detach,
        tail: arguments.tail,
    };
    let sent = tokio::select! {
        sent = client.invoke(invocation) => sent,
        Ok(()) = tokio::signal::ctrl_c() => return Err(Failure::Interrupted),
    };
    Ok(sent.map_err(|error| explained(error, &client.endpoint()))?)
}

/// Adds the address of the service to the error of an unknown function, since several services may run.
fn explained(error: RemoteError, endpoint: &str) -> RemoteError {
    match error {
        RemoteError::Refused { status: status @ 404, mut error } => {
            error.message = format!("{}; the service is {endpoint}", error.message.trim_end_matches('.'));
            RemoteError::Refused { status, error }
        }
        other => other,
    }
}

/// Prints an error of the function as `durable run` does.
fn print_failure(answer: &Answer) {
    let error = error_object(None, &answer.body);
    print_line(&format!("FAILED: {error}"));
    error.stack_trace.iter().flatten().for_each(|frame| print_line(&format!("    {frame}")));
}
