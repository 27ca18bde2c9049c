//! Errors of starting a local service and of changing its functions.

use std::io;
use std::net::SocketAddr;

use durable_functions::FunctionsError;
use durable_host::clock::UNUSABLE;
use durable_store_sqlite::StoreError;
use durable_store_sqlite::logs::LogError;
use thiserror::Error;

/// A local service did not start, or its functions were not changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The system clock is out of the range that can be recorded.
    #[error("{UNUSABLE}")]
    Clock,
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Unfinished executions cannot be read.
    #[error(transparent)]
    Unfinished(#[from] durable_host::store::StoreError),
    /// The log of what functions print cannot be opened.
    #[error(transparent)]
    Logs(#[from] LogError),
    /// Another program listens on the port.
    #[error("port {} of {} is in use by another program; stop that one or choose another port", .0.port(), .0.ip())]
    AddressInUse(SocketAddr),
    /// The service cannot listen on the address.
    #[error("cannot listen on {address}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// Other machines can reach the address, but [`Settings::secret`](crate::Settings::secret) is not set.
    #[error("other machines can reach {}, so callers must send a secret; set one", .0.ip())]
    NoSecret(SocketAddr),
    /// The secret is too short, or cannot be the id of an access key.
    #[error("the secret must have 16 to 128 characters: letters, digits, - and _")]
    SecretUnusable,
    /// There are functions with processes, but [`Settings::address`](crate::Settings::address) is not set.
    #[error("functions with processes need the HTTP API; set `Settings::address`")]
    NoAddress,
    /// The functions cannot run.
    #[error(transparent)]
    Functions(#[from] FunctionsError),
    /// The threads that watch over functions' processes cannot be started.
    #[error("the processes of functions cannot be started")]
    Processes(#[source] io::Error),
    /// The exporter of traces cannot be created.
    #[cfg(feature = "otlp")]
    #[error("traces cannot be exported with these environment variables `OTEL_EXPORTER_OTLP_*`")]
    Otlp(#[from] opentelemetry_otlp::ExporterBuildError),
    /// The name of a function, the region or the account cannot be part of an ARN.
    #[error(
        "`{0}` would be the ARN of a function, but is none; names hold letters, digits, - and _ alone, and an account has \
         twelve digits"
    )]
    InvalidName(String),
}
