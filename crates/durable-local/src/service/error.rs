//! Why the service did not start, and why an execution is waited for in vain.

use std::net::SocketAddr;
use std::{fmt, io};

use durable_store_sqlite::StoreError;
use durable_store_sqlite::logs::LogError;
use durable_types::DurableExecutionArn;

use crate::clock::UNUSABLE;
use crate::host::RecordError;

/// Why a local service did not start. Nothing is changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The clock of the system tells a time that cannot be recorded.
    Clock,
    /// The record cannot be opened.
    Store(StoreError),
    /// The log of what functions print cannot be kept.
    Logs(LogError),
    /// Another program listens on the port.
    AddressInUse(SocketAddr),
    /// The address cannot be listened on.
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Other machines can reach the address, but [`Settings::secret`](super::Settings::secret) is not set.
    NoSecret(SocketAddr),
    /// The secret is too short, or cannot be the id of an access key.
    SecretUnusable,
    /// There are functions with processes, but [`Settings::launcher`](super::Settings::launcher) is not set.
    NoLauncher,
    /// The processes of functions cannot be looked after.
    Processes(io::Error),
    /// Two functions have the same name.
    FunctionTwice(String),
    /// The name of a function, the region or the account cannot be part of an ARN.
    Unnamable(String),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<LogError> for StartError {
    fn from(error: LogError) -> Self {
        Self::Logs(error)
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clock => f.write_str(UNUSABLE),
            Self::Store(error) => error.fmt(f),
            Self::Logs(error) => error.fmt(f),
            Self::AddressInUse(address) => write!(
                f,
                "port {} of {} is in use by another program; stop that one or choose another port with --port",
                address.port(),
                address.ip()
            ),
            Self::Address { address, .. } => write!(f, "cannot listen on {address}"),
            Self::NoSecret(address) => write!(
                f,
                "other machines reach {}, so callers must know a secret; set one with --secret or DURABLE_SECRET",
                address.ip()
            ),
            Self::SecretUnusable => {
                f.write_str("the secret must have 16 to 128 characters: letters, digits, - and _")
            }
            Self::NoLauncher => {
                f.write_str("there is no program to start functions with; set `Settings::launcher`")
            }
            Self::Processes(_) => f.write_str("the processes of functions cannot be looked after"),
            Self::FunctionTwice(name) => write!(f, "there are two functions named `{name}`"),
            Self::Unnamable(arn) => write!(
                f,
                "`{arn}` would be the ARN of a function, but is none; names hold letters, digits, - and _ alone, \
                 and an account has twelve digits"
            ),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            Self::Logs(error) => error.source(),
            Self::Address { source, .. } | Self::Processes(source) => Some(source),
            Self::Clock
            | Self::NoLauncher
            | Self::NoSecret(_)
            | Self::SecretUnusable
            | Self::AddressInUse(_)
            | Self::FunctionTwice(_)
            | Self::Unnamable(_) => None,
        }
    }
}

/// Why an execution is waited for or watched in vain.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ExecutionLost {
    /// There is no such execution.
    Unknown(DurableExecutionArn),
    /// It has not ended, and nothing in this service makes it go on.
    Dormant(DurableExecutionArn),
    /// It cannot go on in this service.
    Failed(RecordError),
    /// The service is being stopped. The execution goes on when it is started again.
    Stopping,
}

impl ExecutionLost {
    /// Returns whether the record itself is damaged, so that trying again cannot help.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Failed(failure) => failure.is_damage(),
            Self::Unknown(_) | Self::Dormant(_) | Self::Stopping => false,
        }
    }
}

impl From<RecordError> for ExecutionLost {
    fn from(failure: RecordError) -> Self {
        Self::Failed(failure)
    }
}

impl fmt::Display for ExecutionLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(arn) => write!(f, "there is no execution {arn}"),
            Self::Dormant(arn) => write!(
                f,
                "execution {arn} has not ended, but does not run here; start it again by its name to make it go on"
            ),
            Self::Failed(failure) => failure.fmt(f),
            Self::Stopping => f.write_str("the service is being stopped"),
        }
    }
}

impl std::error::Error for ExecutionLost {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed(failure) => failure.source(),
            Self::Unknown(_) | Self::Dormant(_) | Self::Stopping => None,
        }
    }
}
