//! The errors of requests to a service.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use durable_host::causes::with_causes;
use durable_host::clock::UNUSABLE;
use durable_local::StartError;
use durable_types::api::{ServiceError, ServiceErrorKind};

use crate::config::ConfigError;
use crate::exit::Exit;

/// The reason why a request to a service failed.
#[derive(Debug)]
pub(crate) enum RemoteError {
    /// No service is reachable at the address.
    Unreachable { endpoint: String, is_aws: bool, cause: String },
    /// A file names another machine; the secret is sent there only if the user names it.
    SecretWithheld { address: SocketAddr, file: PathBuf },
    /// No service runs on the data folder.
    NoServiceOn(PathBuf),
    /// The data folder does not exist.
    NoFolder(PathBuf),
    /// The data folder cannot be opened.
    Folder(StartError),
    /// The `durable.toml` that selects the service is invalid.
    Config(ConfigError),
    /// The server is not a durable functions service.
    NoService { status: u16, text: String },
    /// The response cannot be parsed.
    Unreadable(String),
    /// The service rejected the request.
    Refused { status: u16, error: ServiceError },
    /// The system clock is out of the range that a request can contain.
    Clock,
    /// The AWS configuration names no region.
    NoRegion,
    /// The AWS configuration provides no credentials.
    NoCredentials { profile: Option<String>, cause: String },
    /// AWS has no endpoint of the configured kind in the region.
    NoEndpoint { region: String, cause: String },
    /// The request cannot be signed or written.
    Unsendable(String),
    /// No execution has this name or prefix.
    NoExecution(String),
    /// The prefix is ambiguous.
    Ambiguous { text: String, arns: Vec<String> },
    /// AWS lists executions only by function.
    FunctionNeeded(String),
}

impl RemoteError {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Unreachable { .. }
            | Self::NoServiceOn(_)
            | Self::NoService { .. }
            | Self::Unreadable(_)
            | Self::Clock
            | Self::NoRegion
            | Self::NoCredentials { .. }
            | Self::NoEndpoint { .. }
            | Self::Unsendable(_) => Exit::Unreachable,
            Self::Refused { error, .. } if is_of_credentials(&error.kind) => Exit::Unreachable,
            Self::Refused { error, .. } => refused(&error.kind),
            Self::NoExecution(_) | Self::Ambiguous { .. } => Exit::NotFound,
            Self::SecretWithheld { .. }
            | Self::FunctionNeeded(_)
            | Self::NoFolder(_)
            | Self::Folder(_)
            | Self::Config(_) => Exit::NotRun,
        }
    }
}

fn refused(kind: &ServiceErrorKind) -> Exit {
    match kind {
        ServiceErrorKind::ResourceNotFound => Exit::NotFound,
        ServiceErrorKind::InvalidParameterValue
        | ServiceErrorKind::InvalidRequestContent
        | ServiceErrorKind::RequestTooLarge => Exit::NotRun,
        ServiceErrorKind::CallbackTimeout
        | ServiceErrorKind::AccessDenied
        | ServiceErrorKind::ResourceConflict
        | ServiceErrorKind::DurableExecutionAlreadyStarted
        | ServiceErrorKind::TooManyRequests
        | ServiceErrorKind::Service
        | ServiceErrorKind::KmsAccessDenied
        | ServiceErrorKind::KmsDisabled
        | ServiceErrorKind::KmsInvalidState
        | ServiceErrorKind::KmsNotFound
        | ServiceErrorKind::Unknown(_) => Exit::Refused,
    }
}

/// Returns whether the credentials are invalid or expired.
fn is_of_credentials(kind: &ServiceErrorKind) -> bool {
    matches!(
        kind.as_str(),
        "ExpiredTokenException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "MissingAuthenticationTokenException"
            | "UnrecognizedClientException"
    )
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { endpoint, is_aws: false, .. } => write!(
                f,
                "no service is reachable at {endpoint}; start one with `durable dev`, or specify --endpoint or --folder"
            ),
            Self::Unreachable { endpoint, cause, .. } => {
                write!(f, "{endpoint} does not answer: {cause}; check the region and the network")
            }
            Self::SecretWithheld { address, file } => secret_withheld(f, *address, file),
            Self::NoServiceOn(folder) => write!(
                f,
                "no service runs on the data folder `{}`; start one with `durable dev`, or specify --endpoint or --folder; \
                 list, show, history, logs and export read the folder directly with --offline",
                folder.display()
            ),
            Self::NoFolder(folder) => {
                write!(
                    f,
                    "the data folder `{}` does not exist; specify another one with --folder",
                    folder.display()
                )
            }
            Self::Folder(error) => f.write_str(&with_causes(error)),
            Self::Config(error) => error.fmt(f),
            Self::NoService { status, text } => {
                write!(f, "the server is not a durable functions service: status {status}: {text}")
            }
            Self::Unreadable(problem) => write!(f, "cannot parse the response of the service: {problem}"),
            Self::Refused { error, .. } if is_of_credentials(&error.kind) => {
                let error = error.to_string();
                write!(
                    f,
                    "{}; sign in again, or choose a profile with --profile",
                    error.trim_end_matches('.')
                )
            }
            Self::Refused { error, .. } => write!(f, "{error}"),
            Self::Clock => f.write_str(UNUSABLE),
            Self::NoRegion => {
                f.write_str("no region is configured; specify one with --region, or set AWS_REGION")
            }
            Self::NoCredentials { profile, cause } => no_credentials(f, profile.as_deref(), cause),
            Self::NoEndpoint { region, cause } => write!(
                f,
                "the region `{region}` has no such endpoint: {cause}; change the configuration of AWS, or specify one \
                 with --endpoint"
            ),
            Self::Unsendable(problem) => write!(f, "the request cannot be sent: {problem}"),
            Self::NoExecution(text) => {
                write!(f, "no execution matches `{text}`; `durable list` lists all executions")
            }
            Self::Ambiguous { text, arns } => ambiguous(f, text, arns),
            Self::FunctionNeeded(text) => write!(
                f,
                "`{text}` is not an ARN, and AWS lists executions only by function; add --function NAME, or specify the ARN"
            ),
        }
    }
}

impl std::error::Error for RemoteError {}

fn secret_withheld(f: &mut fmt::Formatter<'_>, address: SocketAddr, file: &Path) -> fmt::Result {
    write!(
        f,
        "DURABLE_SECRET is set, but `{}` names {address}, which is not on this machine; the secret is sent only to this \
         machine or to a host that you name: confirm the host with --endpoint http://{address}, or unset DURABLE_SECRET",
        file.display()
    )
}

fn no_credentials(f: &mut fmt::Formatter<'_>, profile: Option<&str>, cause: &str) -> fmt::Result {
    let cause = cause.trim_end_matches('.');
    match profile {
        Some(name) => write!(
            f,
            "no AWS credentials in the profile `{name}`: {cause}; sign in, or choose one of those that \
             `aws configure list-profiles` lists"
        ),
        None => write!(f, "no AWS credentials: {cause}; sign in, or choose a profile with --profile"),
    }
}

fn ambiguous(f: &mut fmt::Formatter<'_>, text: &str, arns: &[String]) -> fmt::Result {
    write!(f, "`{text}` matches more than one execution; use a longer prefix or one of these ARNs:")?;
    arns.iter().try_for_each(|arn| write!(f, "\n  {arn}"))
}
