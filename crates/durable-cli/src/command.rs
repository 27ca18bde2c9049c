//! The entry point of the command: its subcommands, its exit codes and its warnings.

use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser};
use durable_functions as function;
use durable_host::FAILED_INVOCATIONS;
use tokio::time::timeout;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::arguments::{Arguments, Subcommand};
use crate::display::{Console, VisibleStderr, print_line};
use crate::failure::Failure;
use crate::launch::LAUNCH;
use crate::session::block_on;
use crate::{
    backup, callback, completions, delete, dev, export, history, import, invoke, list, logs, pause, resume,
    run, show, stop,
};

/// Runs the `durable` command with the arguments of this process.
///
/// `durable --help` lists the exit codes.
///
/// Call it on the main thread, before the program starts other threads.
pub fn run_command() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == LAUNCH) {
        return function::launch(arguments);
    }
    let subcommand = Arguments::parse().subcommand;
    // `run` shows the events of its execution, so failed invocations would be reported twice.
    warn_on_stderr(if matches!(subcommand, Subcommand::Run(_)) { FAILED_INVOCATIONS } else { "" });
    let finished = match subcommand {
        Subcommand::Run(arguments) => run::run(arguments),
        Subcommand::Dev(arguments) => dev::dev(arguments),
        Subcommand::Invoke(arguments) => invoke::invoke(arguments),
        Subcommand::List(arguments) => list::list(&arguments),
        Subcommand::Show(arguments) => show::show(&arguments),
        Subcommand::History(arguments) => history::history(&arguments),
        Subcommand::Logs(arguments) => logs::logs(&arguments),
        Subcommand::Callback(arguments) => callback::callback(arguments),
        Subcommand::Stop(arguments) => stop::stop(&arguments),
        Subcommand::Pause(arguments) => pause::pause(&arguments),
        Subcommand::Resume(arguments) => resume::resume(&arguments),
        Subcommand::Delete(arguments) => delete::delete(&arguments),
        Subcommand::Backup(arguments) => backup::backup(&arguments),
        Subcommand::Export(arguments) => export::export(&arguments),
        Subcommand::Import(arguments) => import::import(&arguments),
        Subcommand::Completions(arguments) => completions::completions(&arguments, Arguments::command()),
    };
    let exit = finished.unwrap_or_else(|failure: Failure| {
        print_line(&format!("error: {failure}"));
        failure.exit().into()
    });
    write_last_lines();
    exit
}

/// How long the command waits at its end for a terminal or pipe to accept the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Waits until the console has written everything, up to a time limit.
fn write_last_lines() {
    let Some(console) = Console::started() else { return };
    // This fails only if no runtime can be created; the last lines may be lost in that case.
    let _ = block_on(async {
        let _ = timeout(LAST_LINES, console.written()).await;
        Ok(())
    });
}

/// Shows warnings on standard error, except those of one target. Warnings of the AWS SDK about its configuration are
/// part of the error, if there is one.
fn warn_on_stderr(but: &'static str) {
    let wanted = filter_fn(move |event| {
        let is_wanted = event.target() != but && !event.target().starts_with("aws_");
        *event.level() <= tracing::Level::WARN && is_wanted
    });
    let lines =
        tracing_subscriber::fmt::layer().with_writer(|| VisibleStderr).without_time().with_target(false);
    tracing_subscriber::registry()
        .with(lines.with_filter(wanted.with_max_level_hint(LevelFilter::WARN)))
        .init();
}
