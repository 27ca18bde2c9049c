//! The error of a command, which it prints as its last line.

use std::fmt;
use std::path::PathBuf;

use durable_host::causes::with_causes;
use durable_host::error::ExecutionLost;
use durable_local::StartError;
use durable_store_sqlite::{BackupError, StoreError};
use durable_types::api::{ServiceError, ServiceErrorKind};

use crate::cargo_target::BuildError;
use crate::config::ConfigError;
use crate::exit::Exit;
use crate::export_file::ExportFileError;
use crate::input::InputError;
use crate::remote::RemoteError;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input cannot be used.
    Input(InputError),
    /// No execution can have this name.
    Name(String),
    /// The file that lists the functions cannot be used.
    Config(ConfigError),
    /// The function is not built.
    Build(BuildError),
    /// A function of the file cannot be started.
    NotStartable {
        /// The name of the function.
        name: String,
        /// What is missing.
        problem: String,
    },
    /// The program named with `--executable` is not there.
    NoExecutable(PathBuf),
    /// Programs are given, but none for this function.
    ExecutableMissing(String),
    /// The service did not start.
    Start(StartError),
    /// The service refused to start the execution.
    Refused(ServiceError),
    /// The execution cannot continue.
    Lost(ExecutionLost),
    /// The arguments contradict each other.
    Usage(String),
    /// A request to a service failed.
    Remote(RemoteError),
    /// No backup was written.
    Backup(BackupError),
    /// A file is not an export of an execution.
    ExportFile(ExportFileError),
    /// A file cannot be written.
    File(PathBuf, std::io::Error),
    /// The command was interrupted by Ctrl-C.
    Interrupted,
    /// A system call failed.
    System(std::io::Error),
}

impl Failure {
    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Remote(error) => error.exit(),
            Self::Interrupted | Self::Backup(BackupError::Cancelled) => Exit::Interrupted,
            Self::Input(_)
            | Self::Name(_)
            | Self::Config(_)
            | Self::Build(_)
            | Self::NotStartable { .. }
            | Self::NoExecutable(_)
            | Self::ExecutableMissing(_)
            | Self::Start(_)
            | Self::Refused(_)
            | Self::Lost(_)
            | Self::Usage(_)
            | Self::Backup(_)
            | Self::ExportFile(_)
            | Self::File(..)
            | Self::System(_) => Exit::NotRun,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => error.fmt(f),
            Self::Name(problem) => write!(f, "--name: the name of an execution {problem}"),
            Self::Config(error) => error.fmt(f),
            Self::Build(error) => error.fmt(f),
            Self::NotStartable { name, problem } => {
                write!(f, "the function `{name}` cannot be started: {problem}")
            }
            Self::NoExecutable(path) => write!(
                f,
                "--executable: there is no program `{}`; build it, or check the path",
                path.display()
            ),
            Self::ExecutableMissing(name) => {
                write!(
                    f,
                    "--executable: which program is `{name}`? Give one for each function, as {name}=FILE"
                )
            }
            Self::Start(error @ StartError::Store(StoreError::InUse { .. })) => {
                write!(f, "{}; what that one serves is run with `durable invoke`", with_causes(error))
            }
            Self::Start(error @ StartError::AddressInUse(_)) => write!(f, "{error} with --port"),
            Self::Start(error @ StartError::NoSecret(_)) => {
                write!(f, "{error} with --secret or DURABLE_SECRET")
            }
            Self::Start(error) => f.write_str(&with_causes(error)),
            Self::Refused(error) if error.kind == ServiceErrorKind::DurableExecutionAlreadyStarted => write!(
                f,
                "{}; choose another --name, or leave --input out to go on with that execution",
                error.message.trim_end_matches('.')
            ),
            Self::Refused(error) => f.write_str(&error.message),
            Self::Lost(error) if error.is_damage() => f.write_str(&with_causes(error)),
            Self::Lost(error) => write!(
                f,
                "{}; what was recorded is safe, and the same command with the same --name goes on from there",
                with_causes(error)
            ),
            Self::Usage(problem) => f.write_str(problem),
            Self::Remote(error) => error.fmt(f),
            Self::Backup(error @ (BackupError::NoRecord(_) | BackupError::NotAStore(_))) => {
                write!(f, "{error} with --folder")
            }
            Self::Backup(error @ BackupError::Exists(_)) => write!(f, "{error} with --force"),
            Self::Backup(error) => f.write_str(&with_causes(error)),
            Self::ExportFile(error) => error.fmt(f),
            Self::File(file, error) => write!(f, "`{}` cannot be written: {error}", file.display()),
            Self::Interrupted => f.write_str("interrupted; the execution goes on, if it was started"),
            Self::System(error) => error.fmt(f),
        }
    }
}

impl From<RemoteError> for Failure {
    fn from(error: RemoteError) -> Self {
        Self::Remote(error)
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        Self::Backup(error)
    }
}

impl From<ExportFileError> for Failure {
    fn from(error: ExportFileError) -> Self {
        Self::ExportFile(error)
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Self::Input(error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self::Start(error)
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        Self::Refused(error)
    }
}

impl From<ExecutionLost> for Failure {
    fn from(error: ExecutionLost) -> Self {
        Self::Lost(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::System(error)
    }
}
