//! The settings of a local service.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use durable_functions::{FunctionDefinition, Launcher, OutputSink};
use durable_host::account::Account;
use durable_http::ByteBudget;

#[cfg(feature = "otlp")]
use crate::otlp::OtlpEndpoint;

/// The default of [`Settings::log_bytes`].
const DEFAULT_LOG_BYTES: u64 = 64 * 1024 * 1024;

/// The settings of a local service.
#[derive(Clone)]
pub struct Settings {
    /// Where executions are stored.
    pub storage: Storage,
    /// The address of the HTTP API, or `None` to serve none. Port 0 is any free one; the default is that on loopback.
    pub address: Option<SocketAddr>,
    /// The secret that callers send as the id of their AWS access key, or as a bearer token. Required if other machines
    /// can reach the address.
    pub secret: Option<String>,
    /// The functions.
    pub functions: Vec<FunctionDefinition>,
    /// Which unfinished executions resume at the start.
    pub resume: Resume,
    /// The account and region in ARNs.
    pub account: Account,
    /// The limits and delays of the service.
    pub rules: durable_service::Settings,
    /// The program that starts the processes of functions. Required if there are functions with processes.
    pub launcher: Option<Launcher>,
    /// Receives the output of functions' processes. It may block: each function has a queue in front of it, which drops
    /// the oldest lines beyond 1 MB.
    pub output: OutputSink,
    /// The approximate size limit of the log of what functions print, in bytes. The oldest lines are removed first.
    pub log_bytes: u64,
    /// The memory that the bodies of requests and the answers of functions may hold together, in bytes. Larger imports
    /// are rejected, and requests that do not fit get 429. Checkpoints, answers to callbacks and answers of functions
    /// have a reserve of 64 MB besides.
    pub body_bytes: usize,
    /// Where executions are exported as traces; `None` to export none. Functions then receive trace headers.
    #[cfg(feature = "otlp")]
    pub otlp: Option<OtlpEndpoint>,
}

impl Settings {
    /// Settings of a service that stores executions in a folder and listens on a free port of loopback, without
    /// functions. The folder is created if it does not exist.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self::stored(
            Storage::Folder(folder.into()),
            Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0)),
        )
    }

    /// Settings of a service that stores executions in memory and serves no HTTP, without functions.
    pub fn in_memory() -> Self {
        Self::stored(Storage::Memory, None)
    }

    fn stored(storage: Storage, address: Option<SocketAddr>) -> Self {
        Self {
            storage,
            address,
            secret: None,
            functions: Vec::new(),
            resume: Resume::All,
            account: Account::default(),
            rules: durable_service::Settings::default(),
            launcher: None,
            log_bytes: DEFAULT_LOG_BYTES,
            body_bytes: ByteBudget::DEFAULT_BYTES,
            #[cfg(feature = "otlp")]
            otlp: None,
            output: Arc::new(|line| tracing::info!(function = line.function_name, "{}", line.line)),
        }
    }

    /// Adds a function.
    #[must_use]
    pub fn with_function(mut self, function: FunctionDefinition) -> Self {
        self.functions.push(function);
        self
    }
}

/// Where a service stores executions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In a folder, so that they survive the process.
    Folder(PathBuf),
    /// In memory, so that they last as long as the service.
    Memory,
}

/// Which unfinished executions resume when a service starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resume {
    /// All of them.
    #[default]
    All,
    /// Those that are started again by their name.
    OnDemand,
    /// None, for programs that only read. Nothing expires either.
    Nothing,
}
