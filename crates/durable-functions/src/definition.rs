//! Definitions of functions.

use std::sync::Arc;

use durable_service::{FunctionKind, FunctionVersions};
use durable_types::DurableConfig;

use crate::in_process::InProcessFunction;
use crate::remote::RemoteSettings;
use crate::settings::FunctionSettings;

/// A function: its code and configuration.
#[derive(Clone)]
pub struct FunctionDefinition {
    /// The name.
    pub name: String,
    /// The code.
    pub code: FunctionCode,
    /// Whether it is durable, so that each call starts an execution, or plain.
    pub kind: FunctionKind,
    /// The durable settings of its executions.
    pub durable_config: DurableConfig,
    /// The versions and aliases.
    pub versions: FunctionVersions,
}

/// The code of a function, by where it runs.
#[derive(Clone)]
pub enum FunctionCode {
    /// A program that the service runs as child processes.
    Process(FunctionSettings),
    /// A program that is not run by the service and is invoked over HTTP.
    Remote(RemoteSettings),
    /// Code in the service's own process.
    InProcess(Arc<dyn InProcessFunction>),
}

impl FunctionDefinition {
    /// Defines a durable function that runs as child processes.
    pub fn process(settings: FunctionSettings) -> Self {
        Self::new(settings.name.clone(), FunctionCode::Process(settings))
    }

    /// Defines a durable function that is invoked over HTTP.
    pub fn remote(name: impl Into<String>, settings: RemoteSettings) -> Self {
        Self::new(name.into(), FunctionCode::Remote(settings))
    }

    /// Defines a durable function that runs in the service's own process. Its invocations never time out.
    pub fn in_process(name: impl Into<String>, function: impl InProcessFunction) -> Self {
        Self::new(name.into(), FunctionCode::InProcess(Arc::new(function)))
    }

    /// Makes the function plain (non-durable): each call invokes it once with the caller's input, and returns its
    /// response.
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

    /// Sets its versions and aliases.
    #[must_use]
    pub fn with_versions(mut self, versions: FunctionVersions) -> Self {
        self.versions = versions;
        self
    }

    /// Returns whether the function runs as child processes.
    pub fn has_processes(&self) -> bool {
        match self.code {
            FunctionCode::Process(_) => true,
            FunctionCode::Remote(_) | FunctionCode::InProcess(_) => false,
        }
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
