//! Runs AWS's conformance requirements and tells which are met.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use durable_tests::conformance::{self, Case, Report};
use tokio::runtime::Builder;

/// The environment variable that lists the folders with the requirements, separated as those in `PATH` are.
const SUITE: &str = "DURABLE_CONFORMANCE_SUITE";

/// Runs AWS's conformance requirements and tells which are met.
#[derive(Parser)]
struct Arguments {
    /// A folder with requirements: `<suite>/<id>.yaml`. Can be repeated [default: those listed in
    /// DURABLE_CONFORMANCE_SUITE]
    #[arg(long)]
    suite: Vec<PathBuf>,
    /// How the functions run.
    #[arg(long, value_enum, default_value_t = Mode::Memory)]
    mode: Mode,
    /// AWS's local runner, the program `dex-local-runner`, for the mode that needs it.
    #[arg(long, default_value = "dex-local-runner")]
    aws_runner: PathBuf,
    /// Runs only these requirements, such as 1-12 or serdes/11-1, or suites, such as step.
    only: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// In this process, on a virtual clock.
    Memory,
    /// As processes of their own, against the local service over HTTP in real time.
    Http,
    /// As processes of their own, against AWS's local runner over HTTP in real time.
    AwsRunner,
    /// Requirements about OpenTelemetry, in this process, on a virtual clock.
    OtelMemory,
    /// Requirements about OpenTelemetry, as processes of their own, which export spans to a collector.
    OtelHttp,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next() {
        Some(first) if first == conformance::LAUNCH => {
            durable_functions::launch(arguments.collect::<Vec<OsString>>())
        }
        Some(first) if first == conformance::SERVE => serve(),
        _ => report(Arguments::parse()),
    }
}

/// Plays a function.
#[expect(clippy::print_stderr, reason = "what a function prints is its log")]
fn serve() -> ExitCode {
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(durable::Error::from);
    match runtime.and_then(|runtime| runtime.block_on(conformance::serve())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what the program is for")]
fn report(arguments: Arguments) -> ExitCode {
    let mut folders = arguments.suite;
    if let (true, Some(listed)) = (folders.is_empty(), std::env::var_os(SUITE)) {
        folders = std::env::split_paths(&listed).collect();
    }
    if folders.is_empty() {
        println!(
            "skipped: there are no requirements; name their folders by --suite or DURABLE_CONFORMANCE_SUITE"
        );
        return ExitCode::SUCCESS;
    }
    let cases = match conformance::load(&folders) {
        Ok(cases) => chosen(cases, &arguments.only),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match run(arguments.mode, &arguments.aws_runner, &cases) {
        Ok(report) => {
            println!("{report}");
            if report.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn chosen(mut cases: Vec<Case>, only: &[String]) -> Vec<Case> {
    cases.retain(|case| only.is_empty() || only.iter().any(|word| case.is_selected_by(word)));
    cases
}

fn run(mode: Mode, aws_runner: &Path, cases: &[Case]) -> durable::Result<Report> {
    match mode {
        Mode::Memory => {
            let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
            Ok(runtime.block_on(conformance::run_in_memory(cases)))
        }
        Mode::Http => {
            let runtime = Builder::new_multi_thread().enable_all().build()?;
            Ok(runtime.block_on(conformance::run_over_http(cases, std::env::current_exe()?))?)
        }
        Mode::AwsRunner => {
            let runtime = Builder::new_multi_thread().enable_all().build()?;
            let report = conformance::run_on_aws_runner(cases, std::env::current_exe()?, aws_runner);
            Ok(runtime.block_on(report)?)
        }
        Mode::OtelMemory => {
            let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
            Ok(runtime.block_on(conformance::run_telemetry_in_memory(cases)))
        }
        Mode::OtelHttp => {
            let runtime = Builder::new_multi_thread().enable_all().build()?;
            Ok(runtime.block_on(conformance::run_telemetry_over_http(cases, std::env::current_exe()?))?)
        }
    }
}
