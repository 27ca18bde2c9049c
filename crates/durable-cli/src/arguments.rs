//! What the command understands.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser};
use durable_types::limits::MAX_INVOCATION_SECONDS;

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

/// Runs AWS Lambda durable functions on this machine, and looks after executions here and on AWS.
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
    Export(ExportArguments),
    Import(ImportArguments),
    Completions(CompletionsArguments),
}

/// Builds a function, runs one execution of it, and prints its result.
///
/// Everything that is recorded stays in the data folder. An execution that was interrupted goes on where it was when
/// the same command is given again with the same --name.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The function: one that durable.toml in this folder lists, or a binary or an example of the cargo workspace.
    #[arg(value_name = "NAME")]
    pub(crate) function: String,

    /// The input: a JSON file, JSON as it is, or - for the standard input.
    #[arg(long, value_name = "FILE|JSON")]
    pub(crate) input: Option<String>,

    /// Serves another durable function besides, for the function to call.
    #[arg(long, value_name = "NAME")]
    pub(crate) with: Vec<String>,

    /// The name of the execution. One that exists is resumed, or its result is printed again.
    #[arg(long, value_name = "EXECUTION_NAME")]
    pub(crate) name: Option<String>,

    /// The port to listen on; any free one by default.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,

    #[command(flatten)]
    pub(crate) options: FunctionOptions,
}

/// Builds functions and serves them until Ctrl-C or SIGTERM, for the AWS CLI, boto3 and every other SDK.
///
/// Without names it serves the functions that durable.toml in this folder lists. A function is built and started again
/// when its sources or its program change.
#[derive(Debug, Args)]
pub(crate) struct DevArguments {
    /// The functions: those that durable.toml lists, or binaries or examples of the cargo workspace in this folder.
    #[arg(value_name = "NAME")]
    pub(crate) functions: Vec<String>,

    /// Serves the functions that this file lists.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// The address to listen on, 127.0.0.1 by default. One that other machines reach needs a secret.
    #[arg(long, value_name = "IP")]
    pub(crate) host: Option<IpAddr>,

    /// What callers must know, given as their AWS access key id; 16 characters at least. DURABLE_SECRET is the same.
    #[arg(long, value_name = "SECRET")]
    pub(crate) secret: Option<String>,

    /// The port to listen on, 9800 by default.
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

    /// The package to find the function in, if more than one has it.
    #[arg(long, short, value_name = "PACKAGE")]
    pub(crate) package: Option<String>,

    /// Serves a function besides that is not durable, for durable functions to call.
    #[arg(long, value_name = "NAME")]
    pub(crate) plain: Vec<String>,

    /// Runs this program as the function instead of building one. If there are more functions, one for each.
    #[arg(long, value_name = "[NAME=]FILE", conflicts_with_all = ["release", "package"])]
    pub(crate) executable: Vec<String>,

    /// Sets an environment variable of the function, or passes one on. RUST_LOG and RUST_BACKTRACE always are.
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) env: Vec<String>,

    /// Seconds that one invocation may take; 900 unless told.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=MAX_INVOCATION_SECONDS))]
    pub(crate) timeout: Option<u64>,

    /// Megabytes of what functions print that are kept for `durable logs`, about; 64 unless told. The oldest lines go
    /// first.
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_LOG_MB)))]
    pub(crate) log_mb: Option<u32>,

    /// Where everything is recorded; in .durable unless told here or in durable.toml.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}
