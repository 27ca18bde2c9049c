//! The command line: the subcommands, and the options of `run` and `dev`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser};
use durable_local::otlp::OtlpEndpoint;
use durable_types::limits::MAX_INVOCATION_SECONDS;

use crate::backup::BackupArguments;
use crate::callback::CallbackArguments;
use crate::completions::CompletionsArguments;
use crate::config::MAX_LOG_MB;
use crate::delete::DeleteArguments;
use crate::exit;
use crate::export::ExportArguments;
use crate::history::HistoryArguments;
use crate::import::ImportArguments;
use crate::invoke::InvokeArguments;
use crate::list::ListArguments;
use crate::logs::LogsArguments;
use crate::pause::PauseArguments;
use crate::resume::ResumeArguments;
use crate::show::ShowArguments;
use crate::stop::StopArguments;

/// Runs AWS Lambda durable functions locally, and manages executions here and on AWS.
#[derive(Debug, Parser)]
#[command(name = "durable", version, propagate_version = true, after_help = exit::HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) subcommand: Subcommand,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Subcommand {
    Run(RunArguments),
    Dev(DevArguments),
    Invoke(InvokeArguments),
    List(ListArguments),
    Show(ShowArguments),
    History(HistoryArguments),
    Logs(LogsArguments),
    Callback(CallbackArguments),
    Stop(StopArguments),
    Pause(PauseArguments),
    Resume(ResumeArguments),
    Delete(DeleteArguments),
    Backup(BackupArguments),
    Export(ExportArguments),
    Import(ImportArguments),
    Completions(CompletionsArguments),
}

/// Builds a function, runs one execution of it, and prints its result.
///
/// The record stays in the data folder. An interrupted execution resumes where it left off when the same command is
/// run again with the same --name.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The function: one listed in durable.toml in this folder, or a binary or example of the cargo workspace.
    #[arg(value_name = "NAME")]
    pub(crate) function: String,

    /// The input: a JSON file, JSON text, or - for standard input.
    #[arg(long, value_name = "FILE|JSON")]
    pub(crate) input: Option<String>,

    /// Also serves another durable function, for the function to call.
    #[arg(long, value_name = "NAME")]
    pub(crate) with: Vec<String>,

    /// The name of the execution. One that exists is resumed, or its result is printed again.
    #[arg(long, value_name = "EXECUTION_NAME")]
    pub(crate) name: Option<String>,

    /// The port to listen on; 0 selects any free port.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,

    #[command(flatten)]
    pub(crate) options: FunctionOptions,
}

/// Builds functions and serves them until Ctrl-C or SIGTERM, for the AWS CLI, boto3 and other SDKs.
///
/// Without names, it serves the functions listed in durable.toml in this folder. A function is rebuilt and restarted
/// when its sources, its program or its settings in the file change; functions may also be added to the file and
/// removed from it.
#[derive(Debug, Args)]
pub(crate) struct DevArguments {
    /// The functions: ones listed in durable.toml, or binaries or examples of the cargo workspace in this folder.
    #[arg(value_name = "NAME")]
    pub(crate) functions: Vec<String>,

    /// Serves the functions listed in this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// The address to listen on [default: 127.0.0.1]. An address that other machines can reach requires a secret.
    #[arg(long, value_name = "IP")]
    pub(crate) host: Option<IpAddr>,

    /// The secret that callers send as their AWS access key id, at least 16 characters [env: DURABLE_SECRET].
    #[arg(long, value_name = "SECRET")]
    pub(crate) secret: Option<String>,

    /// The port to listen on [default: 9800].
    #[arg(long)]
    pub(crate) port: Option<u16>,

    #[command(flatten)]
    pub(crate) options: FunctionOptions,
}

#[derive(Debug, Args)]
pub(crate) struct FunctionOptions {
    /// Builds with optimizations.
    #[arg(long)]
    pub(crate) release: bool,

    /// The package that contains the function, if several packages have one of that name.
    #[arg(long, short, value_name = "PACKAGE")]
    pub(crate) package: Option<String>,

    /// Also serves a plain (non-durable) function, for durable functions to call.
    #[arg(long, value_name = "NAME")]
    pub(crate) plain: Vec<String>,

    /// Runs this program as the function instead of building one; with several functions, repeat as NAME=FILE.
    #[arg(long, value_name = "[NAME=]FILE", conflicts_with_all = ["release", "package"])]
    pub(crate) executable: Vec<String>,

    /// Sets or passes on an environment variable. RUST_LOG and RUST_BACKTRACE are always passed on.
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) env: Vec<String>,

    /// Timeout of an invocation in seconds [default: 900].
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=MAX_INVOCATION_SECONDS))]
    pub(crate) timeout: Option<u64>,

    /// Approximate log size limit in MB [default: 64]. The oldest lines are deleted first.
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_LOG_MB)))]
    pub(crate) log_mb: Option<u32>,

    /// Exports executions as traces to this OTLP endpoint over HTTP, such as http://localhost:4318.
    #[arg(long, value_name = "URL")]
    pub(crate) otlp: Option<OtlpEndpoint>,

    /// The data folder [default: that of durable.toml, or .durable].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}
