//! The error of a command, which it prints as its last line.

use std::fmt;
use std::path::PathBuf;

use durable_host::causes::with_causes;
use durable_host::error::ExecutionLost;
use durable_local::StartError;
use durable_store_sqlite::{BackupError, StoreError};
use durable_types::api::{ServiceError, ServiceErrorKind};

use crate::build_error::BuildError;
use crate::config::ConfigError;
use crate::exit::Exit;
use crate::export_file::ExportFileError;
use crate::input::InputError;
use crate::remote::RemoteError;

/// The reason why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input is invalid.
    Input(InputError),
    /// The name of the execution is invalid.
    Name(String),
    /// The `durable.toml` is invalid.
    Config(ConfigError),
    /// The function cannot be built.
    Build(BuildError),
    /// A function of the file cannot be started.
    NotStartable {
        /// The name of the function.
        name: String,
        /// The problem.
        problem: String,
    },
    /// The program specified with `--executable` does not exist.
    NoExecutable(PathBuf),
    /// Programs are specified, but none for this function.
    ExecutableMissing(String),
    /// The service did not start.
    Start(StartError),
    /// The service stopped on its own.
    Stopped,
    /// The service rejected the start of the execution.
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
            | Self::Stopped
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
            Self::NoExecutable(path) => {
                write!(f, "--executable: program `{}` not found; build it or check the path", path.display())
            }
            Self::ExecutableMissing(name) => {
                write!(
                    f,
                    "--executable: no program specified for `{name}`; specify one for each function, as {name}=FILE"
                )
            }
            Self::Start(error @ StartError::Store(StoreError::InUse { .. })) => {
                write!(f, "{}; use `durable invoke` to run the functions of that service", with_causes(error))
            }
            Self::Start(error @ StartError::AddressInUse(_)) => write!(f, "{error} with --port"),
            Self::Start(error @ StartError::NoSecret(_)) => {
                write!(f, "{error} with --secret or DURABLE_SECRET")
            }
            Self::Start(error) => f.write_str(&with_causes(error)),
            Self::Stopped => f.write_str(
                "the service stopped because of a bug in durable; start it again to resume all executions",
            ),
            Self::Refused(error) if error.kind == ServiceErrorKind::DurableExecutionAlreadyStarted => write!(
                f,
                "{}; choose another --name, or omit --input to resume that execution",
                error.message.trim_end_matches('.')
            ),
            Self::Refused(error) => f.write_str(&error.message),
            Self::Lost(error) if error.is_damage() => f.write_str(&with_causes(error)),
            Self::Lost(error) => write!(
                f,
                "{}; everything recorded is safe, and the same command with the same --name resumes the execution",
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
            Self::Interrupted => f.write_str("interrupted; if the execution was started, it continues"),
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
