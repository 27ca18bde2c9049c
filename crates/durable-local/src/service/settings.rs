//! What a local service is started with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use durable_service::{FunctionKind, FunctionVersions};
use durable_types::DurableConfig;

use super::function::InProcessFunction;
use crate::function::{FunctionSettings, Launcher, OutputSink, RemoteSettings};

/// Bytes of what functions printed that are kept, unless the settings say otherwise.
const DEFAULT_LOG_BYTES: u64 = 64 * 1024 * 1024;

/// What a local service is started with.
#[derive(Clone)]
pub struct Settings {
    /// The folder that holds the record. It is created if it is missing.
    pub folder: PathBuf,
    /// Where to listen; port 0 is any free one. The default is this machine alone.
    pub address: SocketAddr,
    /// What callers must know, if there is one: as the id of their AWS access key, or as a bearer token. Needed where
    /// other machines reach the service.
    pub secret: Option<String>,
    /// The functions it runs.
    pub functions: Vec<FunctionDefinition>,
    /// Which unfinished executions of these functions go on at once.
    pub resume: Resume,
    /// The region in ARNs.
    pub region: String,
    /// The account in ARNs, twelve digits.
    pub account_id: String,
    /// The limits and the patience of the service. Which functions executions may call is told by `functions` alone.
    pub rules: durable_service::Settings,
    /// The program that starts the processes of functions. Needed if there are any.
    pub launcher: Option<Launcher>,
    /// Where functions' processes print.
    pub output: OutputSink,
    /// Bytes of what functions printed that are kept in the folder, about. The oldest lines go first.
    pub log_bytes: u64,
}

impl Settings {
    /// A service with its record in this folder, on any free port of this machine, without functions.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            secret: None,
            functions: Vec::new(),
            resume: Resume::All,
            region: "us-east-1".to_owned(),
            account_id: "000000000000".to_owned(),
            rules: durable_service::Settings::default(),
            launcher: None,
            log_bytes: DEFAULT_LOG_BYTES,
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

/// Which unfinished executions go on when a service starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resume {
    /// All those whose function is there.
    #[default]
    All,
    /// Only those that are started again by their name.
    OnDemand,
    /// None, for whoever only looks: nothing is deleted by itself either.
    Nothing,
}

/// A function that the service runs.
#[derive(Clone)]
pub struct FunctionDefinition {
    /// Its name.
    pub name: String,
    /// What runs.
    pub code: FunctionCode,
    /// Whether calling it starts an execution.
    pub kind: FunctionKind,
    /// The durable settings of its executions.
    pub durable_config: DurableConfig,
    /// Its versions and their names.
    pub versions: FunctionVersions,
}

/// What a function runs.
#[derive(Clone)]
pub enum FunctionCode {
    /// A program, as a process of its own.
    Process(FunctionSettings),
    /// A program that somebody else runs, invoked over HTTP.
    Remote(RemoteSettings),
    /// Code in the process of the service.
    InProcess(Arc<dyn InProcessFunction>),
}

impl FunctionDefinition {
    /// A durable function that is a program of its own.
    pub fn process(settings: FunctionSettings) -> Self {
        Self::new(settings.name.clone(), FunctionCode::Process(settings))
    }

    /// A durable function that somebody else runs.
    pub fn remote(name: impl Into<String>, settings: RemoteSettings) -> Self {
        Self::new(name.into(), FunctionCode::Remote(settings))
    }

    /// A durable function of code in the process of the service. Its invocations take as long as they take.
    pub fn in_process(name: impl Into<String>, function: impl InProcessFunction) -> Self {
        Self::new(name.into(), FunctionCode::InProcess(Arc::new(function)))
    }

    /// Makes it a function that is not durable: it is invoked once a call, with the input, and answers with the result.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.kind = FunctionKind::Plain;
        self
    }

    /// Sets the durable settings of its executions.
    #[must_use]
    pub fn with_durable_config(mut self, durable_config: DurableConfig) -> Self {
        self.durable_config = durable_config;
        self
    }

    /// Lists its versions and their names.
    #[must_use]
    pub fn with_versions(mut self, versions: FunctionVersions) -> Self {
        self.versions = versions;
        self
    }

    fn new(name: String, code: FunctionCode) -> Self {
        Self {
            name,
            code,
            kind: FunctionKind::Durable,
            durable_config: DurableConfig::default(),
            versions: FunctionVersions::default(),
        }
    }
}
