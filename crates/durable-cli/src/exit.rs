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
    /// There is no such function, execution or callback, or the prefix is ambiguous.
    NotFound = 3,
    /// No service answers, or its answer cannot be parsed.
    Unreachable = 4,
    /// The service refused the request in the current state.
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
  durable dev                                      serves what durable.toml lists, until Ctrl-C or SIGTERM
  durable invoke order --name first --input '[1]'  starts an execution there, and waits for its result
  durable show first                               where it stands, and what it did when
  durable logs first --follow                      what its function prints

Exit codes:
    0  done; an execution that was waited for succeeded
    1  the execution failed, timed out or was stopped
    2  invalid usage, or the execution was not started or cannot continue
    3  there is no such function, execution or callback, or the prefix fits several
    4  no service answers, or there are no credentials for it
    5  the service refused
  130  interrupted by Ctrl-C or, in durable run and backup, by SIGTERM

Commands that need a service talk to the one that runs on the data folder: .durable, or as --folder or durable.toml
says. Where there is no such folder they try http://127.0.0.1:9800, or the port of durable.toml. With --endpoint they
talk to that address; with --aws, --region or --profile to AWS, with the configuration of the AWS SDKs.
Colours are left out where NO_COLOR is set or the output is no terminal.";
