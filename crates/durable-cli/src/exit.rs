//! The exit codes of the command.

use std::process::ExitCode;

/// The exit code of the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// The command succeeded.
    Done = 0,
    /// The execution failed, timed out or was stopped.
    Unsuccessful = 1,
    /// The command line is invalid, or the execution was not started or cannot continue.
    NotRun = 2,
    /// No function, execution or callback matches, or the prefix is ambiguous.
    NotFound = 3,
    /// The service is unreachable, or its response cannot be parsed.
    Unreachable = 4,
    /// The service rejected the request in the current state.
    Refused = 5,
    /// The command was interrupted by a signal.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The end of `durable --help`: examples, exit codes and how commands find a service.
pub(crate) const HELP: &str = "\
Examples:
  durable run order --input order.json             one execution of the binary or example `order`
  durable dev                                      serves the functions in durable.toml until Ctrl-C or SIGTERM
  durable invoke order --name first --input '[1]'  starts an execution and waits for its result
  durable show first                               its status, and a timeline of its operations
  durable logs first --follow                      the output of its function

Exit codes:
    0  success; if the command waited for an execution, it succeeded
    1  the execution failed, timed out or was stopped
    2  invalid usage, or the execution was not started or cannot continue
    3  no such function, execution or callback, or the prefix is ambiguous
    4  the service is unreachable, or credentials are missing or invalid
    5  the service rejected the request
  130  interrupted by Ctrl-C or, in durable run and backup, by SIGTERM

Commands connect to the service that uses the data folder: that of --folder or durable.toml, or .durable. If the
folder does not exist, they connect to http://127.0.0.1:9800, or to the port in durable.toml. With --endpoint, they
connect to that address; with --aws, --region or --profile, to AWS, with the configuration of the AWS SDKs.
Output is not colored if NO_COLOR is set or if it is not a terminal.";
