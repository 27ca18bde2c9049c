//! `durable run`: one execution of one function.

use std::iter::once;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use durable_functions::TIMED_OUT;
use durable_functions::open_files::raise_limit;
use durable_local::{ClosedExecution, ExecutionStart, LocalService, Resume, Settings};
use durable_service::StartedExecution;
use durable_types::limits::MAX_INVOCATION_SECONDS;
use durable_types::{DurableExecutionArn, ErrorObject, validate};

use crate::arguments::RunArguments;
use crate::display::{Console, Screen, print_line};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::interrupts::Interrupts;
use crate::launch::launcher;
use crate::runtime::service_runtime;
use crate::selection::Selection;
use crate::served_function;
use crate::session::print_data;
use crate::watch::{Watched, show_until_closed};

/// Builds the function, runs the execution and prints its result.
pub(crate) fn run(arguments: RunArguments) -> Result<ExitCode, Failure> {
    if let Some(Err(violation)) = arguments.name.as_deref().map(validate::execution_name) {
        return Err(Failure::Name(violation.problem));
    }
    let input = arguments.input.as_deref().map(input::read_input).transpose()?;
    let names: Vec<String> = once(&arguments.function).chain(&arguments.with).cloned().collect();
    let Selection { mut served, service: configured, .. } = Selection::named(&names, &arguments.options)?;
    let mut built = served_function::build(&served, []);
    if let Some(unbuilt) = built.unbuilt.pop() {
        return Err(unbuilt.error.into());
    }
    for function in &mut served {
        function.take_program(&mut built);
    }
    let mut settings = Settings::new(configured.folder(arguments.options.folder.as_deref()));
    settings.address = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port)));
    settings.functions = served.into_iter().map(|served| served.definition).collect();
    // Other executions of the function are not resumed; each has its own command.
    settings.resume = Resume::OnDemand;
    settings.launcher = Some(launcher()?);
    settings.log_bytes = configured.log_bytes(arguments.options.log_mb).unwrap_or(settings.log_bytes);
    settings.otlp = configured.otlp(arguments.options.otlp.as_ref());
    settings.rules = configured.rules;
    let console = Console::start(Screen::stderr())?;
    settings.output = console.sink();
    raise_limit();
    service_runtime()?.block_on(run_execution(arguments, input, settings, console))
}

async fn run_execution(
    arguments: RunArguments,
    input: Option<String>,
    settings: Settings,
    console: &Console,
) -> Result<ExitCode, Failure> {
    let mut interrupts = Interrupts::listen()?;
    let service = LocalService::start(settings).await?;
    let started = start(&service, &arguments, input).await?;
    let name = started.arn.execution_name().to_owned();
    let again = if started.existed { ", which already exists" } else { "" };
    console.print(format!("{}: execution {name}{again}", arguments.function));
    let watched = show_until_closed(&service, &started.arn, console, &mut interrupts).await;
    console.clear();
    service.shutdown().await;
    match watched? {
        Watched::Closed(closed) => {
            // The result follows everything shown before it, even if both go to the same pipe.
            written_or_interrupted(console, &mut interrupts).await;
            let exit = finish(&closed, &started.arn)?;
            written_or_interrupted(console, &mut interrupts).await;
            Ok(exit)
        }
        Watched::Interrupted => {
            print_line(&format!("interrupted; {}", resumable(&arguments, &name)));
            Ok(Exit::Interrupted.into())
        }
        Watched::Broken(error) => {
            let function = &arguments.function;
            print_line(&format!(
                "error: `{function}` failed repeatedly, most recently with {error}{}; {}",
                advice(&error, arguments.options.timeout.unwrap_or(MAX_INVOCATION_SECONDS)),
                resumable(&arguments, &name)
            ));
            Ok(Exit::NotRun.into())
        }
    }
}

/// Waits until everything is written, however slowly it is read, or until the user interrupts.
async fn written_or_interrupted(console: &Console, interrupts: &mut Interrupts) {
    tokio::select! {
        () = console.written() => {}
        () = interrupts.next() => {}
    }
}

/// Starts the execution, or finds the existing one of that name.
async fn start(
    service: &LocalService,
    arguments: &RunArguments,
    input: Option<String>,
) -> Result<StartedExecution, Failure> {
    if let (Some(name), None) = (&arguments.name, &input)
        && let Some(found) = service.find_execution(&arguments.function, name).await?
    {
        return Ok(found);
    }
    let start = ExecutionStart {
        execution_name: arguments.name.clone(),
        input,
        ..ExecutionStart::new(&arguments.function)
    };
    Ok(service.start_execution(start).await?)
}

/// Returns advice for a function that ends with this error instead of an answer.
fn advice(error: &ErrorObject, timeout: u64) -> String {
    if error.error_type.as_deref() != Some(TIMED_OUT) || timeout >= MAX_INVOCATION_SECONDS {
        return String::new();
    }
    format!("; if it needs more than {timeout} seconds, raise --timeout")
}

/// Returns how to resume an execution.
fn resumable(arguments: &RunArguments, name: &str) -> String {
    let mut command = format!("durable run {} --name {name}", arguments.function);
    let options = [
        ("with", &arguments.with),
        ("plain", &arguments.options.plain),
        ("executable", &arguments.options.executable),
    ];
    for (option, values) in options {
        for value in values {
            command = format!("{command} --{option} {value}");
        }
    }
    if let Some(folder) = &arguments.options.folder {
        command = format!("{command} --folder {}", folder.display());
    }
    if let Some(endpoint) = &arguments.options.otlp {
        command = format!("{command} --otlp {endpoint}");
    }
    format!("nothing is lost; resume with: {command}")
}

/// Prints the result of the execution to standard output, or its error to standard error.
fn finish(closed: &Arc<ClosedExecution>, arn: &DurableExecutionArn) -> Result<ExitCode, Failure> {
    if closed.succeeded() {
        let result = closed.result.as_deref().unwrap_or("null");
        print_data(&format!("{result}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let status = &closed.status;
    match &closed.error {
        Some(error) => print_line(&format!("{status}: {error}")),
        None => print_line(&format!("{status}: {arn} ended without an error")),
    }
    for frame in closed.error.iter().flat_map(|error| error.stack_trace.iter().flatten()) {
        print_line(&format!("    {frame}"));
    }
    Ok(Exit::Unsuccessful.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_that_takes_too_long_may_be_given_more_time() {
        let timed_out = ErrorObject::new(TIMED_OUT, "Task timed out after 3.00 seconds");
        let crashed = ErrorObject::new("Runtime.ExitError", "exit status 1");

        let expected = "; if it needs more than 3 seconds, raise --timeout";
        assert_eq!(advice(&timed_out, 3), expected);
        assert_eq!(advice(&timed_out, MAX_INVOCATION_SECONDS), "", "there is no more time to give");
        assert_eq!(advice(&crashed, 3), "");
    }
}
