//! What the command understands.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser};
use durable_types::limits::MAX_INVOCATION_SECONDS;

use super::callback::CallbackArguments;
use super::completions::CompletionsArguments;
use super::delete::DeleteArguments;
use super::exit;
use super::export::ExportArguments;
use super::history::HistoryArguments;
use super::import::ImportArguments;
use super::invoke::InvokeArguments;
use super::list::ListArguments;
use super::logs::LogsArguments;
use super::pause::PauseArguments;
use super::resume::ResumeArguments;
use super::show::ShowArguments;
use super::stop::StopArguments;
use crate::config::MAX_LOG_MB;

/// Runs AWS Lambda durable functions on this machine, and looks after executions here and on AWS.
#[derive(Debug, Parser)]
#[command(name = "durable", version, propagate_version = true, after_help = exit::HELP)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) subcommand: Subcommand,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Subcommand {
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
    Export(ExportArguments),
    Import(ImportArguments),
    Completions(CompletionsArguments),
}

/// Builds a function, runs one execution of it, and prints its result.
///
/// Everything that is recorded stays in the data folder. An execution that was interrupted goes on where it was when
/// the same command is given again with the same --name.
#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// The function: one that durable.toml in this folder lists, or a binary or an example of the cargo workspace.
    #[arg(value_name = "NAME")]
    pub(super) function: String,

    /// The input: a JSON file, JSON as it is, or - for the standard input.
    #[arg(long, value_name = "FILE|JSON")]
    pub(super) input: Option<String>,

    /// Serves another durable function besides, for the function to call.
    #[arg(long, value_name = "NAME")]
    pub(super) with: Vec<String>,

    /// The name of the execution. One that exists is resumed, or its result is printed again.
    #[arg(long, value_name = "EXECUTION_NAME")]
    pub(super) name: Option<String>,

    /// The port to listen on; any free one by default.
    #[arg(long, default_value_t = 0)]
    pub(super) port: u16,

    #[command(flatten)]
    pub(super) options: FunctionOptions,
}

/// Builds functions and serves them until Ctrl-C or SIGTERM, for the AWS CLI, boto3 and every other SDK.
///
/// Without names it serves the functions that durable.toml in this folder lists. A function is built and started again
/// when its sources or its program change.
#[derive(Debug, Args)]
pub(super) struct DevArguments {
    /// The functions: those that durable.toml lists, or binaries or examples of the cargo workspace in this folder.
    #[arg(value_name = "NAME")]
    pub(super) functions: Vec<String>,

    /// Serves the functions that this file lists.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// The address to listen on, 127.0.0.1 by default. One that other machines reach needs a secret.
    #[arg(long, value_name = "IP")]
    pub(super) host: Option<IpAddr>,

    /// What callers must know, given as their AWS access key id; 16 characters at least. DURABLE_SECRET is the same.
    #[arg(long, value_name = "SECRET")]
    pub(super) secret: Option<String>,

    /// The port to listen on, 9800 by default.
    #[arg(long)]
    pub(super) port: Option<u16>,

    #[command(flatten)]
    pub(super) options: FunctionOptions,
}

#[derive(Debug, Args)]
pub(super) struct FunctionOptions {
    /// Builds with optimizations.
    #[arg(long)]
    pub(super) release: bool,

    /// The package to find the function in, if more than one has it.
    #[arg(long, short, value_name = "PACKAGE")]
    pub(super) package: Option<String>,

    /// Serves a function besides that is not durable, for durable functions to call.
    #[arg(long, value_name = "NAME")]
    pub(super) plain: Vec<String>,

    /// Runs this program as the function instead of building one. If there are more functions, one for each.
    #[arg(long, value_name = "[NAME=]FILE", conflicts_with_all = ["release", "package"])]
    pub(super) executable: Vec<String>,

    /// Sets an environment variable of the function, or passes one on. RUST_LOG and RUST_BACKTRACE always are.
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(super) env: Vec<String>,

    /// Seconds that one invocation may take; 900 unless told.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=MAX_INVOCATION_SECONDS))]
    pub(super) timeout: Option<u64>,

    /// Megabytes of what functions print that are kept for `durable logs`, about; 64 unless told. The oldest lines go
    /// first.
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_LOG_MB)))]
    pub(super) log_mb: Option<u32>,

    /// Where everything is recorded; in .durable unless told here or in durable.toml.
    #[arg(long, value_name = "FOLDER")]
    pub(super) folder: Option<PathBuf>,
}
